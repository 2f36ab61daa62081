"""What is seen without reading the code: the first screen, and the words with code behind them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scaffolder.review import reader, view
from scaffolder.review.model import Answer, Evidence, Fact, Reader
from scaffolder.review.render import outline

README = """\
[![ci](https://img.shields.io/badge/ci-ok-green)](https://example.org/ci)
# Rulebook

Answers questions of shift leaders
from the staff rulebook, with quotes.

![a session](docs/session.png)

```sh
python -m rulebook ask "When is payday?"
```

Recall@5 is 0.72 on 48 questions, faithfulness 0.91. See the [demo](https://example.org/demo).

Built with LangChain, Qdrant and Kubernetes; not with Pinecone.

## Roadmap

Move to Elasticsearch.
"""


def _read(root: Path, files: Mapping[str, str], facts: Mapping[str, Fact] | None = None) -> Reader:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, "utf-8")
    with view.opened(root) as seen:
        return reader.read(seen, facts or {})


@pytest.fixture
def seen(tmp_path: Path) -> Reader:
    files = {
        "README.md": README,
        "docs/session.png": "x",
        "src/rulebook/store.py": "from qdrant_client import QdrantClient\nimport fastapi\n",
        "pyproject.toml": '[project]\nname = "rulebook"\nkeywords = ["rag", "search"]\n',
    }
    return _read(tmp_path, files)


def test_a_person_sees_the_first_screen(seen: Reader) -> None:
    assert seen.title == "Rulebook"
    assert seen.paragraph == (
        "Answers questions of shift leaders from the staff rulebook, with quotes."
    )
    assert seen.screen[:2] == ("Rulebook", "Answers questions of shift leaders")
    assert [e and e.line for e in (seen.number, seen.picture, seen.command)] == [13, 7, 10]
    assert [e.text for e in seen.links][-1] == "demo https://example.org/demo"
    assert seen.languages == {"Python": 54}
    assert seen.topics == ("rag", "search")
    assert seen.last_commit is None


def test_a_name_is_used_where_code_imports_it_and_claimed_where_only_prose_does(
    seen: Reader,
) -> None:
    assert seen.used["Qdrant"] == Evidence(
        "src/rulebook/store.py", 1, None, "from qdrant_client import QdrantClient"
    )
    assert "FastAPI" in seen.used
    assert set(seen.claimed) == {"LangChain", "Kubernetes"}
    assert seen.claimed["Kubernetes"].line == 15


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("package.json", '{\n"dependencies": {\n"langchain": "1.0"\n}}\n'),
        ("config.yml", "framework: langchain\n"),
        ("app.py", "import langchain_core.messages\n"),
    ],
)
def test_code_or_configuration_that_says_a_name_is_behind_it(
    tmp_path: Path, path: str, content: str
) -> None:
    found = _read(tmp_path, {"README.md": "# A\n\nIt uses LangChain.\n", path: content})
    assert found.claimed == {}


def test_a_name_may_come_from_a_package_of_another(tmp_path: Path) -> None:
    code = (
        "from langchain.vectorstores import FAISS\n"
        "from langchain.chat_models import ChatOpenAI\n"
        "from stores import Chroma\n"
    )
    found = _read(tmp_path, {"app.py": code, "stores.py": "class Chroma: ...\n"})
    assert set(found.used) == {"LangChain", "FAISS", "OpenAI"}
    assert (found.used["FAISS"].path, found.used["FAISS"].line) == ("app.py", 1)


def test_numbers_of_the_template_are_counted_and_called_that(tmp_path: Path) -> None:
    text = (
        "# A\n\n## Template reference run, not my result\n\n| run | recall | MRR |\n|---|---|---|\n"
        "| first | 0.72 | 0.63 |\n"
    )
    found = _read(tmp_path, {"README.md": text})
    assert (found.number, found.template_numbers) == (None, 2)
    said = {r.label: r.said for g in outline.groups(found) for r in g.rows}
    words = "none of the author's own; 2 numbers, under 'Template reference run, not my result'"
    assert said["first number"] == said["numbers"] == words


def test_numbers_say_of_how_many_or_are_counted(tmp_path: Path) -> None:
    text = "# A\n\nAccuracy was 0.81 (n = 120).\n\nRecall was 0.70.\n"
    found = _read(tmp_path, {"README.md": text})
    assert [e.line for e in found.numbers] == [3, 5]
    assert found.without_n == 1


def test_tests_ci_and_licence_are_those_of_the_facts(tmp_path: Path) -> None:
    at = Evidence("LICENSE", 1, None, "MIT License")
    facts = {
        "license_file": Fact(Answer.YES, "It is there.", (at,)),
        "ci_runs_tests": Fact(Answer.NO, "No.", (at,)),
    }
    found = _read(tmp_path, {"LICENSE": "MIT License\n"}, facts)
    assert found.present == {"tests": None, "CI": None, "licence": at}
    assert found.readme is None
    assert found.screen == ()


def test_a_readme_that_tries_the_reader_is_shown_as_text(tmp_path: Path) -> None:
    found = _read(
        tmp_path, {"README.md": "# \x1b[2J\u202etitle\n\nsome \x9b words that are said\n"}
    )
    assert not any(c in "".join((found.title, *found.screen)) for c in "\x1b\u202e\x9b")


def test_every_known_name_is_known_once() -> None:
    known = [n.name for n in reader.names()]
    assert len(known) == len(set(known))
    assert all(n.packages or n.files for n in reader.names())
