"""The commands of continuous integration, run here; and whether a broken prompt turns them red.

Invariant: a command that installs something, or that is none of the project's checks, is left out
and named; one that fails because a tool or the network is not here accuses nobody.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.review import view as views
from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour import suite
from scaffolder.review.behaviour.bench import Bench, Trial
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import ControlFailed, NotApplicable, Outcome
from scaffolder.review.model import Reading, count, no, unknown, yes
from scaffolder.review.parse import mapping
from scaffolder.review.project import chores
from scaffolder.review.project.recipes import Order, core
from scaffolder.review.project.workflows import Workflow, workflows
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

COMMAND_SECONDS = 180.0
"""How long one command of the workflow may take."""

MOST = 16
"""Commands of a workflow that are run."""

_CHORES = (chores.LINT, chores.TYPES, chores.TESTS, chores.EVALUATION)
_TOOLS = {
    *("make", "just", "ruff", "black", "isort", "coverage", "bandit"),
    *("codespell", "vulture", "deptry", "interrogate", "pydocstyle", "doc8"),
}
_PYTHON_M = re.compile(
    r"(?:[\w/.-]*/)?python[\d.]*\s+-m\s+(?!build\b|twine\b|http|venv\b|spacy\b|nltk\b)"
)
_INSTALLS = {"install", "sync", "add", "lock", "update", "upgrade", "venv", "download"}
_MANAGERS = {"pip", "pip3", "apt", "apt-get", "brew", "npm", "conda", "mamba", "curl", "wget"}
_SHELL = re.compile(r"[|&;<>$`(){}*?\\]|^\s*(?:if|for|while|set|export|cd)\b")
_AWAY = re.compile(
    r"name resolution|Name or service not known|Network is unreachable|Could not resolve"
    r"|new connection|No matching distribution|ConnectError|ConnectionError|nodename nor servname",
    re.I,
)
_NOT_HERE = re.compile(r"cannot be started|not found|No module named")
_PROMPTS = (".md", ".txt", ".j2", ".jinja", ".jinja2", ".yml", ".yaml", ".toml", ".json", ".prompt")


@dataclass(frozen=True)
class Step:
    """One line of a workflow: its words, the variables it is given, and what is left out of it."""

    text: str
    variables: Mapping[str, str]
    folder: str = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """The words to run: those of the line, or a shell's where only a shell reads it."""
        script = f"cd {shlex.quote(self.folder)} && {self.text}" if self.folder else self.text
        if self.folder or _SHELL.search(self.text):
            return ("sh", "-ec", script)
        return suite.runnable(shlex.split(self.text))

    def does(self, chore: str) -> bool:
        """Whether the line does that chore itself."""
        return chores.does(Order("", 1, self.text), chore)


def runs_green(bench: Bench) -> Reading:
    """C11: the checks of the workflow pass here, in their order, without a network."""
    steps, left_out = benches.once(bench, "workflow", lambda: _steps(bench))
    done, absent = [], list(left_out)
    with benches.trial(bench, prepared=False) as trial:
        for step in steps:
            outcome = _ran(trial, step)
            if _could_not(outcome):
                absent.append(step.text)
            elif outcome.exit_code or outcome.ended:
                return _red(step, outcome)
            else:
                done.append(outcome)
    return _green(done, absent)


def broken_prompt_is_red(bench: Bench) -> Reading:
    """C9: with one prompt emptied, the gate of the evaluation or a test goes red."""
    path = _prompt(bench)
    seen = []
    for name, argv in _watchers(bench):
        before = _control(bench, name, argv)
        if before is None:
            continue
        with benches.trial(bench) as trial:
            (trial.root / path).write_text("\n", "utf-8")
            outcome = benches.run(trial, argv, seconds=COMMAND_SECONDS)
        seen.append(outcome.evidence(f"{path} emptied: {suite.last_line(outcome)}"))
        if outcome.exit_code and not _could_not(outcome):
            reason = f"With {clean(path, 80)} emptied, {name} goes red."
            return yes(reason, seen[-1], before.evidence("without the fault it passes"))
    if not seen:
        raise ControlFailed("neither the gate nor the tests pass as they are")
    reason = f"With {clean(path, 80)} emptied, nothing goes red: neither the gate nor a test."
    return no(reason, *seen)


def _steps(bench: Bench) -> tuple[list[Step], list[str]]:
    """The lines of the workflow that are run here, and those that are not."""
    with views.opened(bench.project) as view:
        chosen = _chosen(view)
        every = list(_lines(view, chosen))
    wanted = [step for step in every if _is_check(step, bench.declared.package)]
    if not wanted:
        raise NotApplicable("no line of its workflow is a check that can be run here.")
    named = [step.text for step in every if step not in wanted]
    return wanted[:MOST], [*named, *(step.text for step in wanted[MOST:])]


def _chosen(view: RepoView) -> Workflow:
    live = [w for w in workflows(view) if w.runs and w.automatic and w.service == "GitHub"]
    if not live:
        raise NotApplicable("it has no GitHub workflow that a change starts.")

    def checks(workflow: Workflow) -> int:
        return sum(any(chores.does(o, c) for o in workflow.orders) for c in _CHORES)

    best = max(live, key=checks)
    if not checks(best):
        raise NotApplicable("no workflow of it runs a check.")
    return best


def _lines(view: RepoView, workflow: Workflow) -> Iterator[Step]:
    """Each line of each step of the jobs that check something, once."""
    raw = mapping(view.yaml(workflow.path))
    names = {
        j.name for j in workflow.jobs if any(chores.does(o, c) for o in j.orders for c in _CHORES)
    }
    seen: set[tuple[str, str]] = set()
    for name, job in _table(raw.get("jobs")).items():
        for step in _list(_table(job).get("steps")) if str(name) in names else []:
            for line in _step(raw, _table(job), _table(step)):
                if (line.text, line.folder) not in seen:
                    seen.add((line.text, line.folder))
                    yield line


def _step(
    raw: Mapping[Any, Any], job: Mapping[Any, Any], step: Mapping[Any, Any]
) -> Iterator[Step]:
    script = step.get("run")
    if not isinstance(script, str):
        return
    variables = {
        str(k): str(v)
        for table in (raw, job, step)
        for k, v in _table(table.get("env")).items()
        if "${{" not in str(v)
    }
    folders = (
        _table(_table(t.get("defaults")).get("run")).get("working-directory") for t in (job, raw)
    )
    folder = next((f for f in (step.get("working-directory"), *folders) if isinstance(f, str)), "")
    text = script.replace("\\\n", " ")[:20_000]
    lines = [line.strip() for line in text.split("\n")]
    if any(re.match(r"(?:if|for|while|cd|export|set)\b", line) for line in lines):
        lines = [text.strip()]
    for line in lines:
        if line and not line.startswith("#"):
            yield Step(" ".join(line.split()) if "\n" not in line else line, variables, folder)


def _is_check(step: Step, package: str) -> bool:
    """Whether a line is a plain command that checks the project, and installs nothing."""
    words = core(step.text)
    if "${{" in step.text or ".." in step.folder or not _readable(step.text) or not words:
        return False
    head = words[0].rpartition("/")[2]
    parts = re.split(r"&&|\|\||[;|\n]", step.text)
    if any(_installs(core(part)) for part in parts):
        return False
    known = any(chores.does(Order("", 1, part), c) for part in parts for c in _CHORES)
    plain = head in _TOOLS or bool(_PYTHON_M.match(step.text))
    own = bool(package) and head in {package, package.replace("_", "-")}
    return known or plain or own


def _readable(text: str) -> bool:
    try:
        return bool(shlex.split(text))
    except ValueError:
        return False


def _installs(words: Sequence[str]) -> bool:
    return bool(words) and (words[0] in _MANAGERS or bool(_INSTALLS & set(words[1:3])))


def _ran(trial: Trial, step: Step) -> Outcome:
    """A line, run in the copy; a test command that was run already is not run again."""
    if step.does(chores.TESTS) and suite.is_pytest(step.argv) and not step.variables:
        return suite.tests_by(trial.bench, step.argv).outcome
    return benches.run(trial, step.argv, variables=step.variables, seconds=COMMAND_SECONDS)


def _could_not(outcome: Outcome) -> bool:
    """Whether a tool or the network is missing, so that the command says nothing."""
    if not outcome.exit_code:
        return False
    said = outcome.stderr[-4000:] + outcome.stdout[-4000:]
    lines = outcome.stderr.strip().splitlines()[-1:]
    tool = outcome.exit_code in {126, 127} or (
        outcome.exit_code == 1 and not outcome.crashed and any(map(_NOT_HERE.search, lines))
    )
    return tool or bool(_AWAY.search(said))


def _red(step: Step, outcome: Outcome) -> Reading:
    line = suite.last_line(outcome)
    how = "does not end" if outcome.ended else f"ends with exit {outcome.exit_code}"
    reason = f"`{clean(step.text, 80)}` of the workflow {how} in a clean copy: {clean(line, 100)}"
    return no(reason, outcome.evidence(line))


def _green(done: Sequence[Outcome], absent: Sequence[str]) -> Reading:
    out = ", ".join(f"`{clean(text, 60)}`" for text in absent[:4])
    if not done:
        reason = f"No command of the workflow could be run here: {out}."
        return unknown(reason, "Install the tools in the project's environment.", waits_for="run")
    said = f"{count(len(done), 'command')} of the workflow pass in a clean copy, without a network"
    if len(done) == 1:
        said = "The one command of the workflow that was run passes in a clean copy"
    left = f"; not run: {out}" if out else ""
    return yes(f"{said}{left}.", *(o.evidence(suite.last_line(o)) for o in done[:4]))


def _prompt(bench: Bench) -> str:
    """The prompt file to break: the longest that the code names, else the longest."""
    named = bench.declared.paths.get("prompts", "")
    if not named:
        raise NotApplicable("it declares no prompts.")
    base = (bench.folder / "base").resolve()
    place = (base / named).resolve()
    if not place.is_relative_to(base):
        raise NotApplicable("its prompts are declared outside of it.")
    files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
    texts = [p for p in files if p.suffix in _PROMPTS and not p.stem.lower().startswith("readme")]
    if not texts:
        raise NotApplicable("its declared prompts hold no text file.")
    code = "\n".join(p.read_text("utf-8", "replace") for p in base.glob("src/**/*.py"))
    best = max(texts, key=lambda p: (p.name in code or p.stem in code, p.stat().st_size))
    return best.relative_to(base).as_posix()


def _watchers(bench: Bench) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What may go red, the cheapest first: the gate, the tests of prompts, all tests."""
    gate = _gate(bench)
    if gate:
        yield "the gate of the evaluation", gate
    if "test" not in bench.declared.commands:
        return
    argv = suite.runnable(command(bench.declared, "test"))
    touching = _touching(suite.tested(bench).watched)
    if touching and suite.is_pytest(argv):
        yield "a test", ("python", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *touching)
    yield "a test", argv


def _gate(bench: Bench) -> tuple[str, ...] | None:
    """The evaluation as the workflow runs it, else as it is declared with `--gate`."""
    try:
        steps, _ = benches.once(bench, "workflow", lambda: _steps(bench))
    except NotApplicable:
        steps = []
    found = [s for s in steps if s.does(chores.EVALUATION) and not s.variables and not s.folder]
    declared = bench.declared.commands.get("eval")
    return found[0].argv if found else (*declared, "--gate") if declared else None


def _touching(report: suite.Report | None) -> list[str]:
    """The passing tests whose name, or a function that they call, speaks of a prompt."""
    if report is None or report.rootdir != ".":
        return []
    spoken = {
        n for n, (path, _, name) in enumerate(report.functions) if "prompt" in f"{path} {name}"
    }
    passed = report.named("passed")
    found = [t for t in passed if "prompt" in t.lower() or spoken & set(report.calls.get(t, ()))]
    return sorted(found, key=lambda t: ("prompt" not in t.lower(), report.tests[t]["seconds"]))[:40]


def _control(bench: Bench, name: str, argv: tuple[str, ...]) -> Outcome | None:
    """The same command without the fault; None where it does not pass, so that red says nothing."""
    if argv == suite.runnable(bench.declared.commands.get("test", ("",))):
        found = suite.tested(bench)
        return found.outcome if found.well else None

    def make() -> Outcome:
        with benches.trial(bench) as trial:
            return benches.run(trial, argv, seconds=COMMAND_SECONDS)

    outcome = benches.once(bench, f"control {name} {shlex.join(argv)}", make)
    return None if outcome.exit_code or outcome.ended else outcome


def _table(raw: object) -> dict[Any, Any]:
    return raw if isinstance(raw, dict) else {}


def _list(raw: object) -> list[Any]:
    return raw if isinstance(raw, list) else []
