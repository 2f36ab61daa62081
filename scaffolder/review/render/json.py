"""A report as JSON, schema `scaffold-review/1`: keys are an interface, see docs/review.md.

Invariant: plain ASCII that any strict parser takes: no control character, no lone surrogate, no
NaN. A path that cannot be shown as it is has its bytes beside it, as `path_b64`.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from scaffolder.review.areas import AREAS
from scaffolder.review.model import (
    Advice,
    Evidence,
    Item,
    Project,
    Ran,
    Reader,
    Report,
    Skipped,
    Status,
)
from scaffolder.review.render import wording
from scaffolder.review.render.wording import line, number
from scaffolder.sanitise import clean

SCHEMA = "scaffold-review/1"
READER_SCHEMA = "scaffold-reader/1"


def render(report: Report) -> str:
    """The whole report as one JSON object in plain ASCII."""
    return _dumped(_table(report))


def render_reader(report: Report, reader: Reader) -> str:
    """What is seen without reading the code, as one JSON object."""
    return _dumped(
        {
            "schema": READER_SCHEMA,
            "tool_version": report.tool_version,
            "project": _project(report.project),
            **_reader(reader),
        }
    )


def _dumped(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, allow_nan=False, ensure_ascii=True) + "\n"


def _table(report: Report) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "tool_version": line(report.tool_version),
        "rubric_version": line(report.rubric_version),
        "duration_s": number(report.duration_s),
        "project": _project(report.project),
        "own_work": _own_work(report),
        "facts": {
            line(name): {"value": f.value, "reason": line(f.reason), "evidence": _all(f.evidence)}
            for name, f in report.facts.items()
        },
        "items": [_item(item) for item in report.items],
        "sections": {
            line(name): {
                "points": number(t.points),
                "verifiable": number(t.verifiable),
                "unverified": t.unverified,
            }
            for name, t in report.sections.items()
        },
        "dimensions": {
            line(name): {"points": number(t.points), "verifiable": number(t.verifiable)}
            for name, t in report.dimensions.items()
        },
        "level": _level(report),
        "gate": {"ready": report.ready, "blockers": list(report.blockers)},
        "mends": [
            {"id": m.id, "fix": line(m.fix), "effort": m.effort, "points": number(m.points)}
            for m in report.mends
        ],
        "only": list(report.only),
        "examined": _examined(report),
    }


def _project(project: Project) -> dict[str, Any]:
    return {
        **_path(project.path),
        "name": line(project.name),
        "skill": project.skill and line(project.skill),
        "commit": project.commit and line(project.commit),
        "dirty": project.dirty,
        "template_version": project.template_version and line(project.template_version),
    }


def _level(report: Report) -> dict[str, Any]:
    """Nothing but nulls where only some checks were asked for: they name no level."""
    if report.only:
        return {"name": None, "weakest_dimension": None, "why": None}
    return {
        "name": report.level,
        "weakest_dimension": report.weakest_dimension,
        "why": line(report.level_why),
    }


def _own_work(report: Report) -> dict[str, Any] | None:
    own = report.own_work
    if own is None:
        return None
    return {
        "share": number(own.share),
        "areas": {area: number(own.areas.get(area)) for area in AREAS},
    }


def _item(item: Item) -> dict[str, Any]:
    check = item.check
    return {
        "id": check.id,
        "section": check.section,
        "claim": line(check.claim),
        "weight": check.weight,
        "dimension": check.dimension,
        "status": item.status,
        **({"inherited": True} if item.inherited else {}),
        "points": number(wording.earned(item)),
        "max_points": wording.maximum(item),
        "reason": line(item.reason),
        "evidence": _all(item.evidence),
        "how_to_verify": line(item.how_to_verify),
        **({"waits_for": item.waits_for} if item.status is Status.UNVERIFIED else {}),
        "fix": line(check.fix),
        "why": line(check.why),
        "source": [line(key) for key in check.source],
        **({"advice": [_advice(a) for a in item.advice]} if item.advice else {}),
    }


def _advice(advice: Advice) -> dict[str, Any]:
    """What a model answered: beside a verdict, never one."""
    return {
        "verdict": line(advice.verdict),
        "quote": _quote(advice.quote) if advice.quote else None,
        "model": line(advice.model),
        "votes": [line(vote) for vote in advice.votes],
        "question": line(advice.question),
        "note": line(advice.note),
    }


def _quote(quoted: Evidence) -> dict[str, Any]:
    return {**_path(quoted.path), "line": quoted.line, "text": clean(quoted.text.strip())}


def _examined(report: Report) -> dict[str, Any]:
    seen = report.examined
    return {
        "files": seen.files,
        "objects": seen.objects,
        "commits": seen.commits,
        "skipped": [_skipped(s) for s in seen.skipped],
        "notices": _all(seen.notices),
    }


def _skipped(skipped: Skipped) -> dict[str, Any]:
    return {**_path(skipped.path), "reason": line(skipped.reason)}


def _all(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [_evidence(e) for e in evidence]


def _evidence(evidence: Evidence) -> dict[str, Any]:
    """A place in the repository, or a command that was run."""
    if evidence.ran is not None:
        return _ran(evidence.ran, evidence.text)
    return {
        **_path(evidence.path),
        "line": evidence.line,
        "end_line": evidence.end_line,
        "text": clean(evidence.text.strip()),
    }


def _ran(ran: Ran, seen: str) -> dict[str, Any]:
    return {
        "command": line(ran.command),
        "exit_code": ran.exit_code,
        "seconds": number(ran.seconds),
        "output_sha256": line(ran.output_sha256),
        "text": clean(seen.strip()),
    }


def _one(evidence: Evidence | None) -> dict[str, Any] | None:
    return _evidence(evidence) if evidence else None


def _path(path: str) -> dict[str, Any]:
    """A path to show, and its bytes where that is not the path itself."""
    stored = _raw_path(path)
    shown = clean(path, len(path))
    return {"path": shown, **({"path_b64": stored} if stored else {})}


def _raw_path(path: str) -> str | None:
    """The bytes of a path in base64 where it cannot be shown as it is, else None."""
    if clean(path, len(path)) == path:
        return None
    try:
        stored = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        stored = path.encode("utf-8", "surrogatepass")
    return base64.b64encode(stored).decode("ascii")


def _reader(reader: Reader) -> dict[str, Any]:
    return {
        "person": {
            "readme": reader.readme and line(reader.readme),
            "title": line(reader.title),
            "paragraph": line(reader.paragraph),
            "screen": [clean(text) for text in reader.screen],
            "number": _one(reader.number),
            "picture": _one(reader.picture),
            "command": _one(reader.command),
            "links": _all(reader.links),
            "badges": reader.badges,
            "last_commit": reader.last_commit,
            "languages": {line(k): v for k, v in reader.languages.items()},
            "files": reader.files,
            "lines": reader.lines,
        },
        "machine": {
            "topics": [line(t) for t in reader.topics],
            "used": {line(k): _evidence(e) for k, e in reader.used.items()},
            "claimed_not_found": {line(k): _evidence(e) for k, e in reader.claimed.items()},
            "present": {line(k): _one(e) for k, e in reader.present.items()},
            "numbers": _all(reader.numbers),
            "numbers_without_n": reader.without_n,
            "template_numbers": reader.template_numbers,
            "template_run": _one(reader.template_run),
        },
    }
