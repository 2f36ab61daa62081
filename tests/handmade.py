"""A report made by hand, with an item of every kind; `text` is whatever a repository says."""

from dataclasses import replace

from scaffolder.review import score
from scaffolder.review.model import (
    Answer,
    Check,
    Evidence,
    Examined,
    Fact,
    Item,
    Mend,
    OwnWork,
    Project,
    Reader,
    Report,
    Skipped,
    Status,
)

BENIGN = "a quoted line"

HOSTILE = (
    "</script><img src=http://e/x onerror=alert(1)>\" onmouseover=' ]]> --> </td></details> | a |"
    " `x` ``` ![](http://e/y) [z](javascript:1) @org/team #1 GH-2 www.e.example http://e {{ 7 }}"
    " {% x %} \x1b[2J\x1b]52;c;x\x07 \x9b31m \x00 \u202e \u200b \ud800 \udce9 \uffff"
    " [@click=quit]X[/] \r\n## h\n- l"
)
"""What somebody may write into a file, a message or a name to reach whoever reads the report."""

RAW_PATH = "docs/caf\udce9 %#:?.md"
"""A path that is no UTF-8, as the view names it."""
DIMENSIONS = ("evidence", "honesty", "robustness", "security", "reader")


def check(id: str, weight: str = "must", dimension: str = "reader", effort: int = 20) -> Check:
    return Check(
        id=id,
        section=id.partition("-")[0],
        weight=weight,
        dimension=dimension,
        claim=f"{id} is so.",
        why="A reader looks for it.",
        fix=f"Make {id} so.",
        effort=effort,
        source=["SEED"],
    )


def item(
    id: str, status: Status, *evidence: Evidence, weight: str = "must", **more: object
) -> Item:
    dimension = DIMENSIONS[int(id[-2:]) % len(DIMENSIONS)]
    made = Item(check(id, weight, dimension), status, f"{id} was looked for.", evidence)
    return replace(made, **more)  # type: ignore[arg-type]


def answered(status: Status) -> Item:
    """An item that nothing but a person decides, and somebody did."""
    at = Evidence("scaffold.toml", 4, 8, '[[answer]] id = "COM-28"')
    reason = "Self-assessed, answered pass on 2026-05-01 at 12ab34cd: two people read it."
    made = item("COM-28", status, at, reason=reason)
    return replace(made, check=replace(made.check, ask="Who has read it?"))


def items(text: str = BENIGN, path: str = "src/app.py") -> tuple[Item, ...]:
    at = Evidence(path, 3, 5, text)
    return (
        item("COM-05", Status.PASS, at, Evidence("b.py", 1, None, text)),
        item("COM-04", Status.FAIL, at, reason=f"It says {text} there."),
        item("COM-03", Status.PARTIAL, *[Evidence(path, n, None, text) for n in range(1, 8)]),
        item("COM-06", Status.PASS, at, inherited=True),
        item("COM-07", Status.UNVERIFIED, how_to_verify="Run it.", waits_for="run"),
        item("COM-08", Status.WAIVED, at, reason=f"Waived until 2030-01-01: {text}"),
        item("COM-09", Status.NOT_APPLICABLE, weight="should"),
        item("RAG-01", Status.NOT_STARTED, weight="should"),
        item("RAG-02", Status.PASS, weight="stretch"),
    )


def report(text: str = BENIGN, path: str = "src/app.py") -> Report:
    listed = items(text, path)
    at = Evidence(path, 3, None, text)
    blockers = score.blockers(listed)
    sections = {"COM": "Common to every project", "RAG": "Answers from documents"}
    return Report(
        tool_version="0.1.0",
        rubric_version="1",
        duration_s=1.25,
        project=Project(f"/tmp/{text}", text, "rag-app", "0123abcd" * 5, True, "1.0.0"),
        own_work=OwnWork(0.125, {"code": 0.25, "docs": 0.004}),
        facts={
            "license_file": Fact(Answer.YES, f"LICENSE says {text}.", (at,)),
            "cost_tracking": Fact(Answer.NO, "No cost is counted."),
        },
        items=listed,
        sections={k: score.tally(i for i in listed if i.check.section == k) for k in sections},
        section_titles=sections,
        dimensions=score.by_dimension(listed, DIMENSIONS),
        level="working",
        weakest_dimension="security",
        mends=(
            Mend("COM-03", "Make COM-03 so.", 20, 1.5),
            Mend("RAG-01", "Make RAG-01 so.", 150, 2.0),
        ),
        ready=False,
        blockers=blockers,
        examined=Examined(
            12, 340, 7, (Skipped(path, f"too large: {text}"),), (Evidence(path, 9, None, text),)
        ),
        sources={"SEED": "A career map"},
        questions={d: f"What of {d}?" for d in DIMENSIONS},
        reader=reader(text, path),
    )


def reader(text: str = BENIGN, path: str = "README.md") -> Reader:
    at = Evidence(path, 3, None, text)
    return Reader(
        readme="README.md",
        title=text,
        paragraph=f"It says {text}.",
        screen=(text, "second line"),
        number=at,
        picture=None,
        command=at,
        links=(at,),
        badges=2,
        last_commit="2026-05-01",
        languages={"Python": 9000, "TypeScript": 1000},
        files=12,
        lines=3400,
        topics=(text,),
        used={"FastAPI": Evidence(path, 1, None, "import fastapi")},
        claimed={"Kubernetes": at},
        present={"tests": at, "CI": None, "licence": None},
        numbers=(at,),
        without_n=1,
    )
