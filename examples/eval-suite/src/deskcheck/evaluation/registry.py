"""Which metrics there are: each answers a named failure and informs a decision.

Invariant: a registry that was loaded maps every metric to a failure of the taxonomy, to a decision,
and to a grader that exists.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigError, UsageError
from ..graders import GRADERS
from ..settings import Settings

KEYS = frozenset({"grader", "prompt", "failure", "decision", "headline"})


@dataclass(frozen=True)
class Metric:
    """`grader` is code or judge; `prompt` is the criterion of a judge, relative to the project."""

    name: str
    grader: str
    failure: str
    decision: str
    headline: bool = False
    prompt: str = ""


@dataclass(frozen=True)
class Failure:
    """A category of the taxonomy."""

    name: str
    definition: str
    origin: str = "author"


def load_metrics(settings: Settings) -> list[Metric]:
    """The metrics of evals/metrics.toml in the order of the file; ConfigError names the fault."""
    path = settings.evals / "metrics.toml"
    known = {failure.name for failure in load_taxonomy(settings)}
    tables = _tables(path, "metrics")
    metrics = [_metric(path, name, table, known) for name, table in tables.items()]
    if not metrics:
        raise ConfigError(f"{path.name} names no metric", "write one for the commonest failure")
    return metrics


def load_taxonomy(settings: Settings) -> list[Failure]:
    """The failures of evals/taxonomy.toml in the order of the file."""
    path = settings.evals / "taxonomy.toml"
    return [_failure(path, name, table) for name, table in _tables(path, "failures").items()]


def add_failure(settings: Settings, name: str, definition: str) -> None:
    """Add a category to evals/taxonomy.toml. Raises UsageError for one that is there or empty."""
    if not name.strip() or not definition.strip():
        raise UsageError("a failure needs a name and a definition", "say what belongs to it")
    if name in {failure.name for failure in load_taxonomy(settings)}:
        raise UsageError(f"taxonomy.toml has {name!r} already", "choose it, or another name")
    path = settings.evals / "taxonomy.toml"
    table = f"[failures.{json.dumps(name, ensure_ascii=False)}]"
    line = f"definition = {json.dumps(definition, ensure_ascii=False)}"
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text(f"{text}\n\n{table}\n{line}\n", encoding="utf-8")


def headline(metrics: list[Metric]) -> list[str]:
    """The names of the metrics that are compared; all of them if none is marked."""
    return [m.name for m in metrics if m.headline] or [m.name for m in metrics]


def _failure(path: Path, name: str, table: Mapping[str, Any]) -> Failure:
    definition = table.get("definition")
    if not isinstance(definition, str) or not definition:
        raise ConfigError(f"{path.name}: {name!r} has no definition", "say what belongs to it")
    return Failure(name, definition, str(table.get("origin", "author")))


def _metric(path: Path, name: str, table: Mapping[str, Any], known: set[str]) -> Metric:
    where = f"{path.name}: {name}"
    if unknown := table.keys() - KEYS:
        raise ConfigError(f"{where} has an unknown key {min(unknown)}", "check its spelling")
    for key in ("grader", "failure", "decision"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise ConfigError(f"{where} has no {key}", "a metric without one informs nothing")
    if table["failure"] not in known:
        raise ConfigError(f"{where}: no failure {table['failure']!r} in taxonomy.toml")
    if table["grader"] == "code" and name not in GRADERS:
        raise ConfigError(f"{where}: graders.py has no {name}", f"there are: {', '.join(GRADERS)}")
    if table["grader"] not in ("code", "judge"):
        raise ConfigError(f"{where}: grader is {table['grader']!r}", "it is code or judge")
    if table["grader"] == "judge" and not table.get("prompt"):
        raise ConfigError(f"{where} has no prompt", "a judge needs its criterion in prompts/")
    return Metric(name, **{key: table[key] for key in KEYS & table.keys()})


def _tables(path: Path, key: str) -> dict[str, dict[str, Any]]:
    """The tables `[key.NAME]` of the file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8")).get(key, {})
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path.name}: {error}", "mend that place in the file") from error
    if not isinstance(content, dict) or not all(isinstance(t, dict) for t in content.values()):
        raise ConfigError(f"{path.name}: {key} holds no tables", f"write [{key}.NAME] above each")
    return content
