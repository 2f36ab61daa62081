"""Runs first in every Python of a command: breaks functions and tells where the package came from.

Invariant: without the variable SCAFFOLD_INSIDE it changes nothing; a function is replaced right
after its module was executed, before anybody else can have got the old one. It runs alone, inside
the sandbox, with the project's Python (3.9 or newer).

SCAFFOLD_INSIDE names a JSON file: `package` to watch, `said`, a folder for what is told (`imported`
and a file `broken-N` for each break N that was made), `breaks`, a list of target, how, args.
"""

import contextlib
import importlib.machinery
import importlib.util
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def _breaks(listed):
    """Number, function, how and args of what is to be broken, by module."""
    found = {}
    for number, each in enumerate(listed):
        module, _, name = each["target"].partition(":")
        found.setdefault(module, []).append((number, name, each["how"], each["args"]))
    return found


class Finder:
    """Finds nothing itself: sees to it that what others find is looked at once it was executed."""

    def __init__(self, package, breaks, said):
        self.package = package
        self.breaks = breaks
        self.said = said
        self.asking = set()

    def find_spec(self, name, path=None, target=None):
        if name in self.asking or (name != self.package and name not in self.breaks):
            return None
        self.asking.add(name)
        try:
            spec = _found(name, path, target, self)
        finally:
            self.asking.discard(name)
        if name == self.package and spec is not None:
            self._say("imported", os.path.realpath(_place(spec)))
        if name in self.breaks and spec is not None:
            self._follow(spec, self.breaks[name])
        return spec

    def _follow(self, spec, breaks):
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            for number, name, how, args in breaks:
                _replace(module, name, how, args)
                self._say(f"broken-{number}", name)

        spec.loader.exec_module = exec_module

    def _say(self, name, text):
        """The first one to say it is believed."""
        path = os.path.join(self.said, name)
        with contextlib.suppress(OSError), open(path, "x", encoding="utf-8") as out:
            out.write(text)


def _found(name, path, target, but):
    for finder in list(sys.meta_path):
        find = getattr(finder, "find_spec", None)
        if finder is not but and find is not None:
            spec = find(name, path, target)
            if spec is not None:
                return spec
    return None


def _place(spec):
    """The file of a package, or its first folder where it has no file of its own."""
    if spec.origin and os.path.isabs(spec.origin):
        return spec.origin
    return next(iter(spec.submodule_search_locations or []), "")


def _replace(module, name, how, args):
    from breaks import wrap

    *above, last = name.split(".")
    owner = module
    for part in above:
        owner = getattr(owner, part)
    setattr(owner, last, wrap(getattr(owner, last), how, args))


def _install():
    path = os.environ.get("SCAFFOLD_INSIDE")
    if not path:
        return
    with open(path, encoding="utf-8") as source:
        told = json.load(source)
    if told["package"] or told["breaks"]:
        finder = Finder(told["package"], _breaks(told["breaks"]), told["said"])
        sys.meta_path.insert(0, finder)


def _hand_on():
    """Runs the sitecustomize that stands behind this one, if there is one."""
    behind = [place for place in sys.path if os.path.abspath(place or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", behind)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_install()
_hand_on()
