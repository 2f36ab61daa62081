"""Own work: a line is the template's wherever it went, and breaking the record gains nothing."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scaffolder import manifest
from scaffolder.gitrepo import committed
from scaffolder.review import areas, ownwork, templatelock, view
from scaffolder.review.ownwork import Share

PATHS = {
    "corpus": "data/corpus",
    "golden": "evals/questions.jsonl",
    "results": "evals/results",
    "failures": "evals/failures.jsonl",
    "decisions": "docs/decisions",
    "prompts": "prompts",
}
MANIFEST = (
    '[scaffold]\nformat = 1\nskill = "x"\ntemplate_version = "1.0.0"\npackage = "p"\n[paths]\n'
)
MANIFEST += "".join(f'{key} = "{place}"\n' for key, place in PATHS.items())
CODE = "".join(f"def step_{n}():\n    return {n}\n\n" for n in range(10))
SAMPLES = [
    {"id": f"h{n}", "question": f"sample {n}?", "origin": "template sample"} for n in range(20)
]


def lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def results(prefix: str, count: int, **more: object) -> str:
    return lines(
        [{"id": f"{prefix}{n}", "system": "a", "grades": {"x": 1}, **more} for n in range(count)]
    )


TEMPLATE = {
    "src/p/steps.py": CODE,
    "src/p/__init__.py": '"""A package."""\n',
    "prompts/answer.md": "Answer.\nQuote.\nDecline.\n",
    "data/corpus/leave.md": "# Leave\n\nSixteen weeks.\nAsk early.\nTwice a year.\nIn writing.\n",
    "evals/questions.jsonl": lines([dict(row) for row in SAMPLES]),
    "evals/results/a.jsonl": results("h", 20, commit="template"),
    "evals/baseline.json": '{\n"a": {\n"h1": 1.0,\n"h2": 1.0,\n"h3": 0.0\n}\n}\n',
    "README.md": "# p\n> **To write:** who.\n<!-- results:start -->\n0.5\n<!-- results:end -->\n",
    "LICENSE": "MIT\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, TEMPLATE)
    files = {name: text.encode() for name, text in TEMPLATE.items()}
    write(tmp_path, {"scaffold.toml": MANIFEST})
    write(tmp_path, {manifest.LOCK: manifest.lock_text("x", "1.0.0", files)})
    return tmp_path


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, newline="")


def share(root: Path, path: str) -> Share:
    with view.opened(root) as seen:
        return ownwork.shares(seen)[path]


def whole(root: Path) -> float:
    with view.opened(root) as seen:
        found = ownwork.measure(seen)
        assert found is not None
        return found.share


def test_an_untouched_project_has_no_own_line(project: Path) -> None:
    with view.opened(project) as seen:
        found = ownwork.measure(seen)
    assert found is not None
    assert (found.share, set(found.areas.values())) == (0, {0})
    assert set(found.areas) == {"code", "data", "prompts", "evals", "docs"}


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("src/mine/all.py", CODE),
        ("src/mine/all.py", CODE.replace("\n", "\r\n")),
        ("src/mine/all.py", CODE.replace("\n", "\n\n").replace("    ", "\t")),
        ("src/mine/all.py", "".join(CODE.splitlines(keepends=True)[6:16])),
        ("docs/all.md", CODE + TEMPLATE["data/corpus/leave.md"]),
        ("prompts/mine.md", TEMPLATE["prompts/answer.md"] + '"""A package."""\n'),
        ("data/rows.txt", TEMPLATE["evals/questions.jsonl"]),
    ],
)
def test_a_line_of_the_template_stays_its_own_wherever_it_goes(
    project: Path, place: str, text: str
) -> None:
    write(project, {place: text})
    assert share(project, place).own == 0


def test_own_lines_count_beside_those_of_the_template(project: Path) -> None:
    write(project, {"src/p/steps.py": CODE + "".join(f"mine({n})\n" for n in range(20))})
    assert share(project, "src/p/steps.py") == Share(20, 40)


def test_deleting_the_template_leaves_the_part_of_what_is_there_now(project: Path) -> None:
    for name in TEMPLATE:
        if name != "src/p/steps.py":
            (project / name).unlink()
    assert whole(project) == 0
    write(project, {"src/p/mine.py": "a = 1\nb = 2\n"})
    assert whole(project) == pytest.approx(2 / 22, abs=1e-4)


@pytest.mark.parametrize("lock", [None, "", "{}", "[" * 10_000, '{"files": {}}'])
def test_without_a_readable_lock_nothing_is_own(project: Path, lock: str | None) -> None:
    write(project, {"src/p/mine.py": "a = 1\nb = 2\n"})
    (project / manifest.LOCK).unlink()
    if lock is not None:
        write(project, {manifest.LOCK: lock})
    with view.opened(project) as seen:
        assert templatelock.recorded(seen)
        assert "template.lock" in templatelock.lock_problem(seen)
    assert whole(project) == 0


def test_a_project_not_made_here_has_no_share(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1\n", "scaffold.toml": '[[waive]]\nid = "X"\n'})
    with view.opened(tmp_path) as seen:
        assert not templatelock.recorded(seen)
        assert ownwork.measure(seen) is None


def test_samples_written_anew_and_runs_over_them_are_not_own(project: Path) -> None:
    anew = [{**row, "origin": "author"} for row in SAMPLES]
    write(
        project,
        {
            "evals/questions.jsonl": lines([dict(row) for row in anew]),
            "evals/results/b.jsonl": results("h", 20, commit="0123456"),
            "evals/baseline.json": '{\n"b": {\n"h1": 0.5,\n"h2": 0.5,\n"h3": 0.5\n}\n}\n',
            "README.md": TEMPLATE["README.md"].replace("0.5\n", "0.7\n0.8\n0.9\n"),
        },
    )
    for path in ("evals/questions.jsonl", "evals/results/b.jsonl", "evals/baseline.json"):
        assert share(project, path).own == 0
    assert share(project, "README.md") == Share(2, 7)


def test_a_question_of_the_sample_stays_one_whatever_else_its_row_says(project: Path) -> None:
    committed(project, "Start p from the x template", datetime.now(UTC))
    other = {"corpus": "mine", "split": "test", "origin": "author", "slice": "x", "relevant": []}
    moved = [{"id": f"q{n}", "question": f"Sample  {n}", **other} for n in range(5)]
    mine = {"id": "q9", "question": "mine?", **other}
    write(project, {"evals/questions.jsonl": lines([*moved, mine])})
    assert share(project, "evals/questions.jsonl") == Share(1, 6)


def test_own_are_new_questions_with_an_origin_and_results_on_them(project: Path) -> None:
    own = [{"id": f"q{n}", "question": f"mine {n}?", "origin": "author"} for n in range(7)]
    stripped = [{"id": "h1", "question": "sample 1?"}, {"id": "h2", "question": " ", "origin": "a"}]
    renamed = {"id": "h3", "question": "sample 3?", "origin": "author"}
    write(
        project,
        {
            "evals/questions.jsonl": lines([*map(dict, SAMPLES), *own, *stripped, renamed]),
            "evals/results/b.jsonl": results("q", 7) + results("h", 20) + "{broken\n",
        },
    )
    assert share(project, "evals/questions.jsonl").own == 7
    assert share(project, "evals/results/b.jsonl").own == 7


@pytest.mark.parametrize("config", ['[corpus]\nname = "mine"\n', "[corpus]\nname = 'mine'\n"])
def test_questions_on_another_corpus_are_not_own(project: Path, config: str) -> None:
    rows = [
        {"id": f"q{n}", "question": f"mine {n}?", "origin": "author", "corpus": corpus}
        for n, corpus in enumerate(["trial", "mine", "mine"])
    ]
    write(project, {"config.toml": config, "evals/questions.jsonl": lines(rows)})
    assert share(project, "evals/questions.jsonl") == Share(2, 3)


def test_rows_that_are_of_no_question_are_own_once_there_are_own_questions(project: Path) -> None:
    name = "evals/results/latency.jsonl"
    write(project, {name: lines([{"id": f"r{n}", "latency_ms": n} for n in range(9)])})
    assert share(project, name).own == 0
    mine: dict[str, object] = {"id": "q1", "question": "mine?", "origin": "author"}
    write(project, {"evals/questions.jsonl": lines([*map(dict, SAMPLES), mine])})
    assert share(project, name).own == 9


def test_rows_over_all_items_are_own_once_most_items_are(project: Path) -> None:
    name = "evals/results/sabotage/a.jsonl"
    write(project, {name: lines([{"name": f"break {n}", "before": 0.5} for n in range(7)])})
    mine = [{"id": f"q{n}", "question": f"mine {n}?", "origin": "author"} for n in range(21)]
    for count, own in ((0, 0), (20, 0), (21, 7)):
        items = [*map(dict, SAMPLES), *map(dict, mine[:count])]
        write(project, {"evals/questions.jsonl": lines(items)})
        assert share(project, name).own == own


def test_a_draft_decision_is_the_programs(project: Path) -> None:
    marks = (
        "Status: draft",
        "**Status:** Draft",
        "*(yours to write)*",
        "<!-- the next sweep replaces",
        "what this costs, and what would overturn it.",
    )
    for mark in marks:
        write(project, {"docs/decisions/0001-x.md": f"# X\n{mark}\nWe chose x.\n"})
        assert share(project, "docs/decisions/0001-x.md").own == 0
    costs = "What this costs, and what would overturn it: twice the words."
    write(project, {"docs/decisions/0001-x.md": f"# X\nStatus: accepted\n{costs}\n"})
    assert share(project, "docs/decisions/0001-x.md").own == 3


def test_the_sample_is_left_over_until_it_is_replaced(project: Path) -> None:
    def left() -> float | None:
        with view.opened(project) as seen:
            return ownwork.left_over_sample(seen)

    assert left() == 1
    write(project, {"data/corpus/act.md": "Article 1.\nArticle 2.\n"})
    assert left() == 0.5
    (project / "data/corpus/leave.md").unlink()
    assert left() == 0
    (project / "data/corpus/scan.pdf").write_bytes(b"%PDF\0\n1 0 obj\n")
    assert left() == 0


def test_gaps_are_found_outside_of_code(project: Path) -> None:
    text = "# p\n`<your name>` <br> <https://x.y>\n```\n<your key>\n```\nBy <your name>.\n"
    text += "TO WRITE: it\n"
    write(project, {"README.md": text, "data/corpus/n.md": "To write: a letter\n"})
    with view.opened(project) as seen:
        assert [e.line for e in ownwork.unfilled_gaps(seen)] == [6, 7]


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("src/p/evaluation/run.py", "code"),
        ("tests/data/x.txt", "code"),
        (".github/workflows/ci.yml", "code"),
        ("app/prompts/system.md", "prompts"),
        ("evals/results/x.jsonl", "evals"),
        ("notes.md", "docs"),
        ("data/corpus/x.html", "data"),
        ("LICENSE", None),
        ("uv.lock", None),
        (".env.example", None),
        ("scaffold.toml", None),
        ("vendor/x.py", None),
        ("logo.png", None),
    ],
)
def test_a_path_has_an_area_by_manifest_and_place(
    project: Path, path: str, area: str | None
) -> None:
    write(project, {path: "\0" if path.endswith("png") else "x\n"})
    with view.opened(project) as seen:
        assert areas.area(seen, path) == area


def test_paths_that_lead_out_of_the_project_name_no_area(tmp_path: Path) -> None:
    write(tmp_path, {"scaffold.toml": '[paths]\ncorpus = "."\nprompts = "../x"\ngolden = 3\n'})
    write(tmp_path, {"x/a.py": "a = 1\n"})
    with view.opened(tmp_path) as seen:
        assert areas.area(seen, "x/a.py") == "code"


def test_documents_of_the_corpus_count_in_their_area_only(project: Path) -> None:
    write(project, {"data/corpus/act.md": "".join(f"Article {n}.\n" for n in range(900))})
    with view.opened(project) as seen:
        found = ownwork.measure(seen)
    assert found is not None
    assert found.share == 0
    assert found.areas["data"] > 0.9


def test_a_lock_is_believed_while_it_is_that_of_the_first_commit(project: Path) -> None:
    lock = project / manifest.LOCK
    committed(project, "Start p from the x template", datetime.now(UTC))
    write(project, {"src/p/mine.py": "a = 1\n", manifest.LOCK: lock.read_text() + "\r\n"})
    assert share(project, "src/p/mine.py").own == 1
    table = json.loads(lock.read_text())
    table["files"]["src/p/steps.py"]["shingles"] = []
    write(project, {manifest.LOCK: json.dumps(table)})
    committed(project, "Work", datetime.now(UTC))
    assert whole(project) == 0
    with view.opened(project) as seen:
        assert "differs from the one of the first commit" in templatelock.lock_problem(seen)


def test_a_request_is_the_authors_as_a_question_is(project: Path) -> None:
    asked = [{"id": f"t{n}", "request": f"Refund {n}.", "origin": "tickets"} for n in range(4)]
    write(project, {"evals/questions.jsonl": lines([*asked, *SAMPLES])})
    with view.opened(project) as seen:
        assert ownwork.own_questions(seen).own == {"t0", "t1", "t2", "t3"}
