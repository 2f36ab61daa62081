"""What kind of project it is, from what its code imports, calls, names and mostly consists of."""

import re
from collections.abc import Sequence

from scaffolder.manifest import MANIFEST
from scaffolder.review.agentwork import loop
from scaffolder.review.areas import manifest
from scaffolder.review.model import Evidence, Reading, count, no, quote, yes
from scaffolder.review.models.codewords import SHOWN, first_line, identifiers, in_files, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.models.scriptcalls import packages as script_packages
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.retrieval import indexing
from scaffolder.review.view import RepoView


def imports_any(view: RepoView, packages: Sequence[str]) -> Reading:
    """Whether code imports, or a package.json names, one of the packages or dotted members."""
    found = []
    for file in view.code:
        hit = next((i for i in file.imports if _within(i.name, packages)), None)
        if hit:
            found.append(place(view, file.path, hit.line))
    if found:
        return yes("One of the packages is imported.", *found[:SHOWN])
    named = sorted(script_packages(view) & set(packages))
    if named:
        return yes(
            "A package.json names one of the packages.", quote("package.json", None, named[0])
        )
    return no(f"None of {', '.join(packages)} is imported.")


def names_any(view: RepoView, names: Sequence[str], at_least: int = 1) -> Reading:
    """Whether the code has `at_least` of these identifiers (functions, classes, keywords too)."""
    found: dict[str, Evidence | None] = {}
    for file in view.code:
        defined = {f.name.rpartition(".")[2] for f in file.functions}
        defined |= {c.name for c in file.classes}
        for name in set(names) & (file.names | defined):
            word = re.compile(rf"\b{re.escape(name)}\b")
            found.setdefault(name, first_line(view, file.path, word))
    if len(found) >= at_least:
        return yes("The code speaks of it.", *[e for e in found.values() if e][:SHOWN])
    return no(f"Fewer than {at_least} of {', '.join(names)} were found in the code.")


def files_any(view: RepoView, patterns: Sequence[str], at_least: int = 1) -> Reading:
    """Whether `at_least` files match the shell patterns."""
    found = view.find(*patterns)
    if len(found) >= at_least:
        return yes("Such files are there.", *[quote(f) for f in found[:SHOWN]])
    return no(f"Fewer than {count(at_least, 'file')} found for {', '.join(patterns)}.")


def calls_model(view: RepoView) -> Reading:
    """Whether a language model is called anywhere outside of the tests."""
    found = calls(view)
    if found:
        return yes("A language model is called.", place(view, found[0].path, found[0].line))
    return no("No call of a language model was found.")


def retrieves(view: RepoView) -> Reading:
    """Whether documents are kept in an index, and searched."""
    if not indexing.retrieves(view):
        return no("No index of documents that a search reads was found.")
    places = [*indexing.searches(view), *indexing.writes(view)]
    return yes("Documents are indexed and searched.", *places[:SHOWN])


def declares(view: RepoView, names: Sequence[str]) -> Reading:
    """Whether scaffold.toml has a value for each of these `table.name`s."""
    tables = manifest(view)
    for name in names:
        table, _, key = name.partition(".")
        held = tables.get(table)
        if not (isinstance(held, dict) and held.get(key)):
            return no(f"The manifest names no {name}.")
    return yes(f"The manifest names {', '.join(names)}.", quote(MANIFEST))


_RESULT = {"tool_result", "tool_call_id", "tool_use_id", "function_call_output", "toolResult"}


def answers_tools(view: RepoView) -> Reading:
    """Whether results of tools go back to the model, which is what makes calls of them a loop."""
    found = [
        *(place(view, f.path, t.line) for f in view.code for t in f.texts if t.value in _RESULT),
        *identifiers(view, re.compile(r"^(?:ToolMessage|tool_call_id|tool_use_id)$"), view.code),
        *in_files(view, re.compile(r"tool_call_id|tool_use_id|stopWhen|maxSteps"), scripts(view)),
    ]
    if found:
        return yes("Results of tools go back to the model.", *found[:SHOWN])
    return no("No result of a tool is given back to a model.")


def classes_end(view: RepoView, word: str) -> Reading:
    """Whether a class is named so that it ends in `word`."""
    found = [
        place(view, f.path, c.line) for f in view.code for c in f.classes if c.name.endswith(word)
    ]
    if found:
        return yes(f"A class is a kind of {word}.", *found[:SHOWN])
    return no(f"No class has a name that ends in {word}.")


def mostly(view: RepoView, words: Sequence[str], share: float) -> Reading:
    """Whether at least `share` (0 to 1) of the code's lines stand in files named for `words`."""
    named = re.compile(rf"(?:^|[/_\-])(?:{'|'.join(map(re.escape, words))})s?(?:$|[/_\-.])", re.I)
    code = [f for f in view.code if not f.notebook]
    inside = [f for f in code if named.search(f.path)]
    lines, total = sum(f.lines for f in inside), sum(f.lines for f in code)
    if total and lines / total >= share:
        shown = sorted(inside, key=lambda f: -f.lines)[:SHOWN]
        return yes(
            f"Of {count(total, 'line')} of code {lines:,} {'is' if lines == 1 else 'are'} there.",
            *[quote(f.path) for f in shown],
        )
    stand = f"{lines:,} {'is' if lines == 1 else 'are'} in files named for {', '.join(words)}."
    return no(f"Of {count(total, 'line')} of code {stand}")


def _within(name: str, packages: Sequence[str]) -> bool:
    return any(name == p or name.startswith(f"{p}.") for p in packages)


def acts_in_loop(view: RepoView) -> Reading:
    """Whether a loop written by hand asks a model and runs what it chose."""
    found = [x for x in loop.loops(view) if not x.framework]
    if found:
        return yes(
            "A loop asks a model and runs its tools.", *[loop.spot(view, x) for x in found[:SHOWN]]
        )
    return no("No loop asks a model and runs what it chose.")
