"""`ingest`: put a folder of documents into the index, and say what could not be read."""

import argparse
from pathlib import Path

from ..console import deliver
from ..ingest import IngestReport, ingest
from ..result import Result
from ..settings import load_settings


def run(args: argparse.Namespace) -> int:
    """Ingest `args.path` under `args.name`, both None for what config.toml says."""
    settings = load_settings()
    report = ingest(settings, Path(args.path) if args.path else None, args.name)
    result = Result(
        status="answered" if report.chunks else "failed",
        message=_summary(report),
        detail=_detail(report),
    )
    deliver(result, args.json, human(report))
    return 0


def human(report: IngestReport) -> str:
    """The summary and one line for everything that did not go smoothly."""
    lines = [_summary(report)]
    if report.rebuilt:
        lines.append(f"everything was read again: {report.rebuilt}")
    if report.ignored:
        lines.append(f"{report.ignored} files of other kinds ignored")
    lines += [f"not read: {failure.path}: {failure.reason}" for failure in report.failures]
    return "\n".join([*lines, *report.notes])


def _summary(report: IngestReport) -> str:
    return (
        f"{report.corpus}: {report.added} added, {report.updated} updated, "
        f"{report.deleted} deleted, {report.unchanged} unchanged; {report.chunks} chunks, "
        f"{report.embedded} newly embedded; {len(report.failures)} not read"
    )


def _detail(report: IngestReport) -> dict[str, object]:
    failures = [{"path": f.path, "reason": f.reason} for f in report.failures]
    fields = {key: value for key, value in vars(report).items() if key != "failures"}
    return {**fields, "failures": failures}
