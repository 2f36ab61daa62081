"""Another provider by configuration alone: the same tool is called, and its result goes back.

Invariant: one line of one file of the configuration is changed, in a copy; nobody is accused where
no such line names a provider.
"""

import re
from collections.abc import Iterator

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour import toolcalls
from scaffolder.review.behaviour.bench import Bench, Trial
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import NotApplicable, NotDeclared, Outcome
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.behaviour.toolcalls import Turn
from scaffolder.review.model import Reading, no, yes

SECONDS = 120.0
PLACES = (
    *("config.toml", "settings.toml", "models.toml", "config.yaml", "config.yml", "settings.yaml"),
    *("config/config.toml", "config/settings.toml", "config/config.yaml", "pyproject.toml"),
)
_LINE = re.compile(
    r"^(?P<before>[ \t]{0,12}(?:llm_|default_|model_)?provider[ \t]{0,4}[:=][ \t]{0,4}[\"']?)"
    r"(?P<name>anthropic|claude|openai|gemini|google)",
    re.MULTILINE | re.IGNORECASE,
)
_NAMES = re.compile(r"\b(?:anthropic|openai|gemini|google)\b", re.IGNORECASE)
_SAME = {"claude": "anthropic", "google": "gemini"}


def same_calls(bench: Bench) -> Reading:
    """S24: a call and its result under each provider that the configuration knows."""
    first = _under(bench, "")
    if not any(toolcalls.offered(request) for request in first.asked.requests):
        raise NotApplicable("the model is offered no tools")
    others = list(dict.fromkeys(_others(bench)))
    if not others:
        raise NotDeclared(f"no file ({', '.join(PLACES[:3])}, ...) names a second provider")
    for name in others:
        done = _under(bench, name)
        seen = done.evidence(f"the configuration names {name}")
        if done.crashed or done.exit_code or not done.asked.requests:
            return no(f"With {name} in the configuration the demo does not work.", seen)
        if _spoken(done) == _spoken(first):
            return no(f"With {name} in the configuration another provider is still asked.", seen)
        if _results(done) < _results(first):
            return no(f"With {name} in the configuration a call gets no result.", seen)
        if _actions(done) != _actions(first):
            return no(f"With {name} in the configuration other calls are made.", seen)
    seen = first.evidence("the provider that is configured")
    return yes(f"The same calls are made with {', '.join(others)} in the configuration.", seen)


def _under(bench: Bench, name: str) -> Outcome:
    def make() -> Outcome:
        with benches.trial(bench) as trial:
            if name:
                path, text = next(_configured(trial))
                benches.write(trial, path, _LINE.sub(rf"\g<before>{name}", text, count=1))
            words = command(bench.declared, "demo")
            return benches.run(trial, words, model=Script(calls=(Turn(),)), seconds=SECONDS)

    return benches.once(bench, f"provider {name}", make)


def _others(bench: Bench) -> Iterator[str]:
    """The other providers whose names stand in the file that names one."""
    with benches.trial(bench) as trial:
        for _, text in _configured(trial):
            found = _LINE.search(text)
            used = found["name"].lower() if found else ""
            for name in _NAMES.findall(text[:100_000]):
                if _SAME.get(name.lower(), name.lower()) != _SAME.get(used, used):
                    yield name.lower()
            return


def _configured(trial: Trial) -> Iterator[tuple[str, str]]:
    for path in PLACES:
        text = benches.read(trial, path) or ""
        if _LINE.search(text):
            yield path, text


def _spoken(done: Outcome) -> str:
    return str(done.asked.requests[0].get("provider")) if done.asked.requests else ""


def _results(done: Outcome) -> int:
    return max((toolcalls.results(request) for request in done.asked.requests), default=0)


def _actions(done: Outcome) -> list[tuple[str, str]]:
    listed = (done.final or {}).get("actions")
    made = [a for a in listed if isinstance(a, dict)] if isinstance(listed, list) else []
    return [(str(a.get("tool")), str(a.get("arguments"))) for a in made]
