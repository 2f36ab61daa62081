"""Logs of Inspect AI (inspect.aisi.org.uk), format 2 in JSON: written for its viewer, read as rows.

Invariant: what is written is read back by the real package (tests), and reading never needs it. Its
`.eval` files are zip archives: `inspect log convert --to json` makes JSON of them.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..evaluation.rows import Row
from ..items import Item
from ..result import Usage

FORMAT = 2
LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}  # correct, partial, incorrect, no answer


def to_log(rows: Sequence[Row], items: Sequence[Item], task: str) -> dict[str, Any]:
    """The rows of one system as one log; the trial of a row is the epoch of a sample."""
    known = {item.id: item for item in items}
    used = [row for row in rows if row.id in known]
    model = next((row.model for row in rows if row.model), rows[0].system)
    return {
        "version": FORMAT,
        "status": "success",
        "eval": {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "task": task,
            "dataset": {"name": f"{task} {rows[0].version}", "samples": len(known)},
            "model": model,
            "config": {"epochs": max(row.trial for row in rows)},
            "metadata": {"system": rows[0].system, "commit": rows[0].commit},
        },
        "samples": [_sample(row, known[row.id], model) for row in used],
    }


def from_log(log: Mapping[str, Any], system: str) -> list[Row]:
    """One row a sample; scores that are no number or letter are left out. Raises UsageError."""
    try:
        if log["version"] != FORMAT:
            raise UsageError(f"the log has format {log['version']!r}", f"this reads {FORMAT}")
        model = str(log["eval"]["model"])
        return [_row(sample, system, model) for sample in log["samples"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"this is no Inspect log: {error!r}", "see `inspect log --help`"
        ) from error


def read_log(path: Path) -> dict[str, Any]:
    """The JSON of a log; UsageError says what the file is instead."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        hint = "`inspect log convert --to json` makes JSON of an .eval file"
        raise UsageError(f"cannot read {path} as JSON: {error}", hint) from error
    if not isinstance(value, dict):
        raise UsageError(f"{path} holds no JSON object", "an Inspect log is one")
    return value


def _sample(row: Row, item: Item, model: str) -> dict[str, Any]:
    said = {verdict.metric: verdict.critique for verdict in row.verdicts}
    reply = str(row.output.get("reply", json.dumps(row.output)))
    message = {"role": "assistant", "content": reply}
    return {
        "id": row.id,
        "epoch": row.trial,
        "input": item.text,
        "target": json.dumps(item.expected),
        "output": {"model": model, "choices": [{"message": message, "stop_reason": "stop"}]},
        "scores": {
            name: {"value": value, "answer": reply, "explanation": said.get(name)}
            for name, value in row.grades.items()
        },
        "metadata": {"split": row.split, "slice": row.slice, "origin": row.origin},
        "total_time": row.latency_ms / 1000,
    }


def _row(sample: Mapping[str, Any], system: str, model: str) -> Row:
    about = sample.get("metadata") or {}
    scores = {name: _value(each["value"]) for name, each in (sample.get("scores") or {}).items()}
    grades = {name: value for name, value in scores.items() if value is not None}
    choices = (sample.get("output") or {}).get("choices") or []
    content = choices[0]["message"]["content"] if choices else ""
    return Row(
        id=str(sample["id"]),
        split=str(about.get("split", "test")),
        slice=str(about.get("slice", "")),
        origin=str(about.get("origin", "inspect")),
        system=system,
        trial=int(sample["epoch"]),
        item="",
        version="",
        status="failed" if sample.get("error") else "answered",
        output={"reply": content if isinstance(content, str) else json.dumps(content)},
        grades=grades,
        graders=dict.fromkeys(grades, "inspect"),
        verdicts=(),
        ungraded=(),
        latency_ms=1000 * float(sample.get("total_time") or 0),
        usage=Usage(),
        cost_usd=None,
        grading_usd=None,
        commit="",
        tree="",
        setting="inspect",
        model=model,
    )


def _value(value: Any) -> float | None:
    if isinstance(value, bool | int | float):
        return float(value)
    return LETTERS.get(value) if isinstance(value, str) else None
