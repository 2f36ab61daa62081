"""`ingest`: put a folder of documents into the index, and say what could not be read."""

import argparse
from dataclasses import replace
from pathlib import Path

from ..console import deliver
from ..errors import UsageError
from ..evaluation.golden import broken_labels, load
from ..index import Index
from ..ingest import IngestReport, ingest, recorded_corpus
from ..result import Result
from ..settings import Settings, load_settings


def run(args: argparse.Namespace) -> int:
    """Ingest `args.path` under `args.name`, both None for what config.toml says."""
    if args.path == "":
        raise UsageError("the path is empty", "name a folder, or leave the path out")
    settings = load_settings()
    _, before = recorded_corpus(settings)
    report = ingest(settings, Path(args.path) if args.path else None, args.name)
    report = replace(report, notes=(*report.notes, *_label_notes(settings)))
    result = Result(
        status="answered" if report.chunks else "failed",
        message=_summary(report, before),
        detail=_detail(report),
    )
    deliver(result, args.json, human(report, before))
    return 0


def human(report: IngestReport, before: str) -> str:
    """The summary and one line for everything that did not go smoothly.

    `before` is the name of the corpus that was in the index.
    """
    lines = [_summary(report, before)]
    if report.rebuilt:
        lines.append(f"everything was read again: {report.rebuilt}")
    if report.ignored:
        kinds = ", ".join(f"{kind} {n}" for kind, n in report.ignored_kinds.items())
        lines.append(f"{report.ignored} files of other kinds ignored: {kinds}")
    lines += [f"not read: {failure.path}: {failure.reason}" for failure in report.failures]
    return "\n".join([*lines, *report.notes])


def _label_notes(settings: Settings) -> list[str]:
    """Which labelled questions the documents, as they are now, do not carry any more."""
    if not settings.questions.exists():
        return []
    index = Index.open(settings)
    try:
        broken = broken_labels(load(settings.questions, index.corpus), index)
    except UsageError as error:
        return [f"the labels were not checked: {error.message}"]
    finally:
        index.close()
    where = settings.questions.name
    return [f"labels that are in no passage now: {' '.join(broken)} ({where})"] if broken else []


def _summary(report: IngestReport, before: str) -> str:
    gone = f"{report.deleted} deleted"
    if report.deleted and report.corpus != before:
        gone = f"{report.deleted} of {before} left the index (files are untouched)"
    return (
        f"{report.corpus}: {report.added} added, {report.updated} updated, "
        f"{gone}, {report.unchanged} unchanged; {report.chunks} chunks, "
        f"{report.embedded} newly embedded; {len(report.failures)} not read"
    )


def _detail(report: IngestReport) -> dict[str, object]:
    failures = [{"path": f.path, "reason": f.reason} for f in report.failures]
    fields = {key: value for key, value in vars(report).items() if key != "failures"}
    return {**fields, "failures": failures}
