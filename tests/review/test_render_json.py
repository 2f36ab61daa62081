"""The report as JSON: the keys that programs rely on, in a form that every parser takes."""

import base64
import json
from dataclasses import replace

import handmade

from scaffolder.review.model import OwnWork, Report
from scaffolder.review.render import json as rendered


def _strict(report: Report) -> dict[str, object]:
    def refuse(what: object) -> None:
        raise AssertionError(what)

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    text = rendered.render(report)
    assert text.isascii()
    assert not [c for c in text if ord(c) < 32 and c != "\n"]
    loaded: dict[str, object] = json.loads(text, parse_constant=refuse, object_pairs_hook=once)
    loaded_again = json.dumps(loaded, ensure_ascii=False).encode("utf-8")
    assert b"\x7f" not in loaded_again
    return loaded


def test_the_keys_are_the_interface() -> None:
    made = _strict(handmade.report())
    assert list(made)[:8] == [
        *("schema", "tool_version", "rubric_version", "duration_s", "project", "own_work"),
        *("facts", "items"),
    ]
    assert made["schema"] == "scaffold-review/1"
    assert set(made["project"]) == {  # type: ignore[call-overload]
        *("path", "name", "skill", "commit", "dirty", "template_version")
    }
    item = made["items"][1]  # type: ignore[index]
    assert list(item) == [
        *("id", "section", "claim", "weight", "dimension", "status", "points", "max_points"),
        *("reason", "evidence", "how_to_verify", "fix", "why", "source"),
    ]
    assert item["evidence"][0] == {
        "path": "src/app.py",
        "line": 3,
        "end_line": 5,
        "text": "a quoted line",
    }
    assert made["sections"]["COM"] == {"points": 4.5, "verifiable": 9, "unverified": 1}  # type: ignore[index]
    assert made["dimensions"]["reader"] == {"points": 0, "verifiable": 3}  # type: ignore[index]
    assert made["level"] == {"name": "working", "weakest_dimension": "security", "why": ""}
    assert made["gate"] == {"ready": False, "blockers": ["COM-04", "COM-03", "COM-07"]}
    assert set(made["examined"]) == {"files", "objects", "commits", "skipped", "notices"}  # type: ignore[call-overload]


def test_some_checks_alone_name_no_level() -> None:
    made = _strict(replace(handmade.report(), only=("COM-04",)))
    assert made["level"] == {"name": None, "weakest_dimension": None, "why": None}


def test_what_is_not_verified_says_what_it_waits_for_and_the_level_why() -> None:
    made = _strict(replace(handmade.report(), level_why="more than half of it is unverified"))
    waits = {i["id"]: i.get("waits_for") for i in made["items"]}  # type: ignore[attr-defined]
    assert {id: what for id, what in waits.items() if what is not None} == {"COM-07": "run"}
    assert made["level"]["why"] == "more than half of it is unverified"  # type: ignore[index]


def test_an_inherited_pass_says_so_and_earns_nothing() -> None:
    items = {i["id"]: i for i in _strict(handmade.report())["items"]}  # type: ignore[attr-defined]
    assert (items["COM-06"]["inherited"], items["COM-06"]["points"]) == (True, 0)
    assert "inherited" not in items["COM-05"]
    assert items["COM-05"]["points"] == items["COM-05"]["max_points"] == 3


def test_areas_without_lines_are_null_and_so_is_own_work_without_a_template() -> None:
    report = handmade.report()
    areas = _strict(report)["own_work"]["areas"]  # type: ignore[index]
    assert areas == {"code": 0.25, "data": None, "prompts": None, "evals": None, "docs": 0.004}
    assert _strict(replace(report, own_work=None))["own_work"] is None


def test_numbers_that_are_none_are_null() -> None:
    nan = float("nan")
    report = replace(
        handmade.report(), duration_s=nan, own_work=OwnWork(float("inf"), {"code": nan})
    )
    made = _strict(report)
    assert made["duration_s"] is None
    assert made["own_work"]["share"] is None  # type: ignore[index]


def test_whatever_a_repository_says_a_strict_parser_takes_it() -> None:
    made = _strict(handmade.report(handmade.HOSTILE, handmade.RAW_PATH))
    place = made["items"][0]["evidence"][0]  # type: ignore[index]
    assert place["path"] == "docs/caf\\xe9 %#:?.md"
    assert base64.b64decode(place["path_b64"]) == b"docs/caf\xe9 %#:?.md"
    assert base64.b64decode(made["examined"]["skipped"][0]["path_b64"])  # type: ignore[index]


def test_a_path_that_can_be_shown_has_no_bytes_beside_it() -> None:
    assert "path_b64" not in rendered.render(handmade.report(path="docs/café.md"))


def test_the_reader_is_an_object_of_its_own() -> None:
    report = handmade.report(handmade.HOSTILE)
    assert report.reader is not None
    made = json.loads(rendered.render_reader(report, report.reader))
    assert made["schema"] == "scaffold-reader/1"
    assert list(made["machine"]["claimed_not_found"]) == ["Kubernetes"]
    assert made["machine"]["present"]["CI"] is None
