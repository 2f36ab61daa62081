"""Puts all rows on disk into README.md, scaffold.toml, the changelog and the ladder.

Invariant: what is published is computed from rows and never from what a command just saw.
"""

from collections.abc import Mapping, Sequence

from ..console import note
from ..evaluation.claims import grid, write_claims, write_readme
from ..evaluation.drawing import points, write_ladder
from ..evaluation.marked import replace_between
from ..evaluation.report import Report, joined, ladder, load_runs, on_test, slices
from ..evaluation.studies import all_studies, rows_of
from ..experiments.ladder import Rung, rungs, winner
from ..items import load_items
from ..settings import Settings
from ..systems import System
from ..versions import load_versions

MODELS: tuple[System, ...] = ("local", "api")
CHANGELOG_MARKS = ("<!-- changelog:start -->", "<!-- changelog:end -->")


def publish(settings: Settings) -> Report:
    """Write everything anew; says what has no marks to write between."""
    runs, stale = load_runs(load_items(settings.items("test")), settings)
    for system in stale:
        note(f"the rows of {system} are of other messages and were left out: measure it again")
    climbs: dict[System, list[Rung]] = {system: climbed(settings, system) for system in MODELS}
    parts = [on_test(runs)] if runs else []
    for system, found in climbs.items():
        if found:
            parts.append(ladder(found, system, winner(found).version.short))
            write_ladder(settings.evals, system, points(found, runs.get(system, [])))
        parts.append(all_studies(settings, system))
    report = joined([*parts, slices(runs)] if runs else parts)
    _write(settings, report, climbs)
    return report


def climbed(settings: Settings, system: str) -> list[Rung]:
    """The rungs of a system from its rows on disk; a version that was edited since is left out."""
    versions = load_versions(settings.prompts / settings.prompt)
    runs = rows_of(settings, system, "dev")
    known = {v.short: v.digest for v in versions}
    fresh = {name: rows for name, rows in runs.items() if rows[0].digest == known.get(name)}
    return rungs(versions, fresh)


def _write(settings: Settings, report: Report, climbs: Mapping[System, Sequence[Rung]]) -> None:
    if not write_readme(settings.root / "README.md", report.markdown):
        note("README.md has no markers for the results: nothing was written there")
    claims = settings.root / "scaffold.toml"
    if claims.exists() and not write_claims(claims, report.claims):
        note("scaffold.toml has no markers for the claims: nothing was written there")
    story = settings.prompts / "CHANGELOG.md"
    if story.exists() and not replace_between(story, CHANGELOG_MARKS, _changelog(settings, climbs)):
        note("prompts/CHANGELOG.md has no markers: nothing was written there")


def _changelog(settings: Settings, climbs: Mapping[System, Sequence[Rung]]) -> str:
    cells = {}
    for version in load_versions(settings.prompts / settings.prompt):
        measured = [
            _outcome(rung, system)
            for system, found in climbs.items()
            for rung in found
            if rung.version == version
        ]
        story = [version.aims, version.because, version.predicts]
        cells[version.short] = [*story, "; ".join(measured) or "not measured", version.happened]
    head = ["Version", "aims at", "because", "predicts", "measured on dev", "what happened"]
    return grid(head, cells)


def _outcome(rung: Rung, system: str) -> str:
    rows = rung.rows
    exact = sum(row.grades["exact"] for row in rows)
    aimed = f", {rung.version.aims} wrong {rung.aimed}" if rung.aimed else ""
    return f"{system}: {exact:.0f} of {len(rows)} exact{aimed}"
