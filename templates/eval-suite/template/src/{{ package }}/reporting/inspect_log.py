"""Logs of Inspect AI (inspect.aisi.org.uk), format 2 in JSON: written for its viewer, read as rows.

Invariant: what is written is read back by the real package (tests), and reading never needs it. Its
`.eval` files are zip archives with a header and a file for each sample.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from ..errors import UsageError
from ..evaluation.rows import Row, figures
from ..items import Item
from ..result import Usage

FORMAT = 2
MOST_BYTES = 500_000_000
_UNREADABLE = (OSError, ValueError, RecursionError, KeyError, BadZipFile, NotImplementedError)
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
        "results": _results(used),
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
        value = _archive(path) if is_zipfile(path) else json.loads(path.read_text(encoding="utf-8"))
    except _UNREADABLE as error:
        hint = "`inspect log convert --to json` makes JSON of an .eval file"
        raise UsageError(f"cannot read {path} as an Inspect log: {error}", hint) from error
    if not isinstance(value, dict):
        raise UsageError(f"{path} holds no JSON object", "an Inspect log is one")
    return value


def _archive(path: Path) -> dict[str, Any]:
    """The log in an .eval file. NotImplementedError where its compression is not known here."""
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("samples/")]
        if sum(archive.getinfo(name).file_size for name in names) > MOST_BYTES:
            raise ValueError(f"its samples have more than {MOST_BYTES} bytes")
        header: dict[str, Any] = json.loads(archive.read("header.json"))
        return header | {"samples": [json.loads(archive.read(name)) for name in names]}


def _results(rows: Sequence[Row]) -> dict[str, Any]:
    """The means, as the viewer shows them above the samples."""
    scores = [
        {"name": f.metric, "scorer": f.metric, "metrics": {"mean": _mean(f.value)}}
        for f in figures(rows)
    ]
    return {"total_samples": len(rows), "completed_samples": len(rows), "scores": scores}


def _mean(value: float) -> dict[str, Any]:
    return {"name": "mean", "value": value}


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
    grades = {n: v for n, v in _scores(sample.get("scores") or {}) if v is not None}
    error = sample.get("error") or {}
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
        usage=_usage(sample.get("model_usage") or {}),
        cost_usd=None,
        grading_usd=None,
        commit="",
        tree="",
        setting="inspect",
        model=model,
        error=str(error.get("message", "")),
    )


def _scores(scores: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    """Name and value of each score; one with several values gives several, `name.key`."""
    for name, score in scores.items():
        value = score["value"]
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", _value(each)) for key, each in value.items())
        else:
            yield name, _value(value)


def _usage(by_model: Mapping[str, Mapping[str, Any]]) -> Usage:
    """Tokens of all models of a sample; Inspect counts cached input apart from the fresh."""
    names = ("input_tokens", "input_tokens_cache_read", "output_tokens")
    each = (Usage(*(int(used.get(n) or 0) for n in names)) for used in by_model.values())
    return sum(each, Usage())


def _value(value: Any) -> float | None:
    if isinstance(value, bool | int | float):
        return float(value)
    return LETTERS.get(value) if isinstance(value, str) else None
