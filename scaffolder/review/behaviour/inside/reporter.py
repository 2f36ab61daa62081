"""A pytest plugin that writes down what a session really did, and which functions each test calls.

Invariant: it changes no outcome and prints nothing; what it writes stands in one JSON file a
process, so that a report that was forged on stdout, or a session that ended early, is told from a
finished one. It runs alone, inside the sandbox, with the project's Python (3.9 or newer).

SCAFFOLD_REPORT is the file, SCAFFOLD_WATCH the folders whose functions are watched (separated by
`:`; none where it is empty), both relative to SCAFFOLD_ROOT. A session inside a
test is not reported.
"""

import contextlib
import json
import os
import pathlib
import sys
import threading

ROOT = os.path.realpath(os.environ.get("SCAFFOLD_ROOT", "."))
REPORT = os.environ.get("SCAFFOLD_REPORT", "")
REPORT = REPORT and ROOT + os.sep + REPORT
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
MOST_CALLS = 200_000
"""Pairs of a test and a function that are kept."""

_INSIDE = os.environ.get("SCAFFOLD_REPORTED_BY") == WORKER
os.environ["SCAFFOLD_REPORTED_BY"] = WORKER


def _folders():
    named = [name for name in os.environ.get("SCAFFOLD_WATCH", "").split(":") if name]
    ends = [(name, "" if name.endswith(".py") else os.sep) for name in named]
    return tuple(os.path.normpath(ROOT + os.sep + name) + end for name, end in ends)


class Watch:
    """Which functions of the watched folders are called; only calls are seen, never lines.

    Files outside are known by their name: hashing a code object for each call would cost more.
    """

    def __init__(self, folders):
        self.folders = folders
        self.outside = set()
        self.known = {}
        self.called = set()
        self._undo = None
        self._monitored = bool(folders) and hasattr(sys, "monitoring") and self._monitor()

    def start(self):
        """Begins anew, by the cheapest means that nobody else holds."""
        self.called.clear()
        if not self.folders or self._monitored:
            return
        if sys.gettrace() is None:
            self._undo = _hooked(sys.settrace, threading.settrace, self._hook(False))
        elif sys.getprofile() is None:
            self._undo = _hooked(sys.setprofile, threading.setprofile, self._hook(True))

    def stop(self):
        """Ends it; the functions that were called, as (path, line, name)."""
        if self._undo:
            self._undo()
        self._undo = None
        return [self.known[number][1] for number in self.called.copy()]

    def _see(self, code):
        """Notes a call; false where the file is not watched."""
        number = id(code)
        if number in self.called:
            return True
        if number not in self.known and not self._know(number, code):
            return False
        if self.known[number][1]:
            self.called.add(number)
        return True

    def _know(self, number, code):
        """Where a function stands; what has no name of its own (a lambda) has no place."""
        path = os.path.realpath(code.co_filename)
        if code.co_filename[:1] == "<" or not path.startswith(self.folders):
            self.outside.add(code.co_filename)
            return False
        place = (os.path.relpath(path, ROOT), code.co_firstlineno, code.co_name)
        self.known[number] = (code, place if code.co_name[:1] != "<" else None)
        return True

    def _hook(self, profiling):
        outside, see = self.outside, self._see

        def hook(frame, event, _):
            code = frame.f_code
            if code.co_filename not in outside and (event == "call" or not profiling):
                see(code)

        return hook

    def _monitor(self):
        tools, see = sys.monitoring, self._see
        free = [number for number in (4, 3, 0) if tools.get_tool(number) is None]

        def seen(code, _):
            return None if see(code) else tools.DISABLE

        if free:
            tools.use_tool_id(free[0], "scaffold")
            tools.register_callback(free[0], tools.events.PY_START, seen)
            tools.set_events(free[0], tools.events.PY_START)
        return bool(free)


def _hooked(own, threads, hook):
    threads(hook)
    own(hook)

    def undo():
        own(None)
        threads(None)

    return undo


BEGUN = {"finished": False, "collected": 0, "deselected": 0, "exit": None, "errors": []}
BEGUN.update(tests={}, calls={"functions": [], "tests": {}}, plugins=[], rootdir=".")


def keep(said):
    """Writes the report, whole or not at all."""
    path = pathlib.Path(REPORT if WORKER == "main" else REPORT + "." + WORKER)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(said), encoding="utf-8")
    part.replace(path)


class Reporter:
    """Counts what the session collects, drops, runs; written at its end."""

    def __init__(self, config):
        self.config = config
        self.watch = Watch(_folders())
        self.found = set()
        self.tests = {}
        self.calls = {}
        self.said = dict(BEGUN, errors=[])

    def pytest_itemcollected(self, item):
        self.found.add(item.nodeid)

    def pytest_deselected(self, items):
        self.said["deselected"] += len(items)
        self.found -= {item.nodeid for item in items}

    def pytest_collection_finish(self, session):
        self.said["collected"] = len(session.items)
        kept = {item.nodeid for item in session.items}
        self.said["dropped"] = sorted(self.found - kept)[:20]

    def pytest_collectreport(self, report):
        if report.failed:
            self.said["errors"].append([str(report.nodeid), _last(report)])

    def pytest_runtest_logstart(self):
        self.watch.start()

    def pytest_runtest_logfinish(self, nodeid):
        called = self.watch.stop()
        if called and len(self.calls) < MOST_CALLS:
            self.calls[nodeid] = called

    def pytest_runtest_logreport(self, report):
        test = self.tests.setdefault(report.nodeid, {"seconds": 0.0, "outcome": ""})
        test["seconds"] += float(getattr(report, "duration", 0.0) or 0.0)
        test["path"] = str(report.location[0])
        test["outcome"] = _worse(test["outcome"], report)
        if report.failed:
            test["said"] = _last(report)

    def pytest_sessionfinish(self, exitstatus):
        self.watch.stop()
        self.said["finished"] = True
        self.said["exit"] = int(exitstatus)
        self.said["cpu"] = sum(os.times()[:4])
        self.write()

    def write(self):
        said = dict(self.said, tests=self.tests, calls=self._calls(), worker=WORKER)
        said["rootdir"] = os.path.relpath(os.path.realpath(str(self.config.rootpath)), ROOT)
        has = self.config.pluginmanager.hasplugin
        said["plugins"] = [name for name in ("xdist", "pytest_cov", "timeout") if has(name)]
        keep(said)

    def _calls(self):
        places = sorted({place for called in self.calls.values() for place in called})
        number = {place: n for n, place in enumerate(places)}
        return {
            "functions": places,
            "tests": {test: sorted(number[p] for p in c) for test, c in self.calls.items()},
        }


def _worse(before, report):
    """failed over skipped over passed; a test that failed where it should have is skipped."""
    if before == "failed" or report.failed:
        return "failed"
    if before == "skipped" or report.skipped:
        return "skipped"
    return "passed"


def _last(report):
    text = ""
    with contextlib.suppress(Exception):
        text = str(getattr(report.longrepr, "reprcrash", None) or report.longrepr)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines[0] if lines else "")[:300]


def pytest_configure(config):
    """Begins to report the outermost session of this process."""
    if REPORT and not _INSIDE and not getattr(sys, "_scaffold_reported", False):
        sys._scaffold_reported = True
        config.pluginmanager.register(Reporter(config), "scaffold-reporter")


if REPORT and not _INSIDE:
    keep(BEGUN)
