"""A retrieval project in the standard library alone, sound in every way that a run looks at."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from scaffolder.review.behaviour.bench import Bench
from tests.review.behaviour import checked

MANIFEST = """\
[scaffold]
format = 1
skill = "rag-app"
package = "rag"
[commands]
demo = ["python", "-m", "rag", "ask", "--json", "How many lanterns does Alder station keep?"]
ingest = ["python", "-m", "rag", "ingest"]
eval = ["python", "-m", "rag", "eval", "--json"]
[entry_points]
answer = "rag:answer"
search = "rag:search"
[paths]
corpus = "corpus"
golden = "evals/golden.jsonl"
results = "evals/results"
[[claims]]
text = "recall@1 of overlap"
metric = "recall@1"
value = 1.00
n = 16
results = "evals/results/rows.jsonl"
"""

RAG = """\
import json
import re
from pathlib import Path

HERE = Path(__file__).parents[2]
INDEX = HERE / "index.jsonl"
ROWS = HERE / "evals" / "results" / "rows.jsonl"

def words(text):
    return set(re.findall(r"[a-z0-9]{4,}", text.lower()))

def ingest():
    with INDEX.open("w") as out:
        for path in sorted((HERE / "corpus").glob("*.txt")):
            for text in re.split(r"(?<=[.]) ", path.read_text().strip()):
                out.write(json.dumps({"source": path.name, "text": text}) + "\\n")

def search(question):
    passages = [json.loads(line) for line in INDEX.read_text().splitlines()]
    asked = words(question)
    ranked = sorted(passages, key=lambda each: -len(asked & words(each["text"])))
    return [each for each in ranked[:2] if len(asked & words(each["text"])) > 3]

def answer(question):
    found = search(question)
    if not found:
        return {"status": "refused", "answer": "", "citations": []}
    citations = [{"source": each["source"], "quote": each["text"]} for each in found]
    return {"status": "answered", "answer": found[0]["text"], "citations": citations}

def graded(row):
    found, result = search(row["question"]), answer(row["question"])
    recall = float(bool(found) and found[0]["source"] == row["source"])
    return {"recall@1": recall, "correct": float(row["expected"] in result["answer"])}

def evaluate():
    golden = (HERE / "evals" / "golden.jsonl").read_text().splitlines()
    rows = [{"id": r["id"], "split": "test", "system": "overlap", "grades": graded(r)}
            for r in map(json.loads, golden)]
    ROWS.parent.mkdir(exist_ok=True)
    ROWS.write_text("".join(json.dumps(row) + "\\n" for row in rows))
    return sum(row["grades"]["recall@1"] for row in rows) / len(rows)

def main(given):
    if given[0] == "ingest":
        ingest()
    elif given[0] == "eval":
        recall = evaluate()
        return 5 if "--gate" in given and recall < 0.9 else 0
    else:
        print(json.dumps(answer(given[-1])))
    return 0
"""

PLACES = "Alder Birch Cedar Damson Elder Filbert Ginkgo Hazel Ivory Juniper Kauri Larch Maple Olive"
COUNTS = {place: 100 + 7 * at for at, place in enumerate(f"{PLACES} Poplar Rowan".split())}


GOLDEN = "".join(
    f'{{"id": "{place}", "question": "How many lanterns does {place} station keep?", '
    f'"source": "{place.lower()}.txt", "expected": "{n}"}}\n'
    for place, n in COUNTS.items()
)
ROWS = "".join(
    f'{{"id": "{place}", "split": "test", "system": "overlap", '
    '"grades": {"recall@1": 1.0, "correct": 1.0}}\n'
    for place in COUNTS
)

FILES: Mapping[str, str | None] = {
    "scaffold.toml": MANIFEST,
    ".gitignore": "/index.jsonl\n.venv\n__pycache__/\n",
    "README.md": "# Lanterns\n",
    "src/rag/__init__.py": RAG,
    "src/rag/__main__.py": "import sys\n\nfrom rag import main\n\nsys.exit(main(sys.argv[1:]))\n",
    "evals/golden.jsonl": GOLDEN,
    "evals/results/rows.jsonl": ROWS,
    **{
        f"corpus/{place.lower()}.txt": f"At {place} station they keep {n} lanterns. It is old.\n"
        for place, n in COUNTS.items()
    },
}


def changed(path: str, old: str, new: str) -> dict[str, str | None]:
    """One file of the project with one change."""
    text = FILES[path] or ""
    assert old in text
    return {path: text.replace(old, new)}


def project(folder: Path, changes: Mapping[str, str | None] | None = None) -> Path:
    """The project with some files replaced, added or (None) left out, with an environment."""
    return checked.project(folder, changes or {}, FILES)


def opened(
    folder: Path, changes: Mapping[str, str | None] | None = None
) -> AbstractContextManager[Bench]:
    """A bench with that project; without a sandbox where this machine has none."""
    return checked.opened(folder, changes, FILES)
