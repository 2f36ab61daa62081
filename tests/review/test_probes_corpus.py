"""The documents that are asked about: whose, and indexed again with what result."""

import hashlib
from pathlib import Path

import pytest
from asked import ask

from scaffolder import manifest

CARD = "# Data\nFrom https://example.org, licence CC BY, edition 2026.\n"
READ = "def read_documents(paths):\n    failed = []\n    for path in paths:\n"


def template(files: dict[str, str], **changed: str) -> dict[str, str]:
    """A project whose lock records `files`, some of which have changed."""
    lock = manifest.lock_text("rag-app", "1.0.0", {n: t.encode() for n, t in files.items()})
    about = '[scaffold]\nformat = 1\nskill = "rag-app"\ntemplate_version = "1.0.0"\npackage = "p"\n'
    places = '[paths]\ncorpus = "data/corpus"\n'
    return {**files, ".scaffold/template.lock": lock, "scaffold.toml": about + places, **changed}


def test_the_templates_corpus_is_nobodys_work(tmp_path: Path) -> None:
    files = {"data/README.md": CARD, "data/corpus/a.md": "One.\nTwo.\nThree.\nFour.\nFive.\n"}
    found = ask("corpus.described", template(files), tmp_path)
    assert found.answer == "no"
    assert "template's sample" in found.reason


def test_what_the_templates_card_says_is_not_said_of_the_authors_documents(tmp_path: Path) -> None:
    files = {"data/README.md": CARD, "data/corpus/a.md": "One.\nTwo.\nThree.\nFour.\nFive.\n"}
    tree = template(files, **{"data/corpus/a.md": "Mine.\nAll.\nOf.\nThese.\nLines.\n"})
    assert ask("corpus.described", tree, tmp_path).answer == "no"


def test_documents_that_are_fetched_need_a_card_that_says_from_where(tmp_path: Path) -> None:
    assert ask("corpus.described", {"data/README.md": CARD}, tmp_path).answer == "yes"


@pytest.mark.parametrize(
    "manifest_text",
    [
        '[\n{{"name": "a.md",\n "sha256": "{0}"}}\n]',
        '{{"files": {{"a.md": {{"sha256": "{0}"}}}}}}',
        '{{"a.md": "{0}"}}',
        '{{"documents": [{{"path": "data/corpus/a.md", "sha256": "{0}"}}]}}',
    ],
)
def test_the_hashes_of_a_manifest_are_computed_again(manifest_text: str, tmp_path: Path) -> None:
    tree = {"data/README.md": CARD, "data/corpus/a.md": "One."}
    right = manifest_text.format(hashlib.sha256(b"One.").hexdigest())
    answers = [
        ask("corpus.described", {**tree, "data/manifest.json": text}, tmp_path / name).answer
        for name, text in (("right", right), ("wrong", manifest_text.format("0" * 64)))
    ]
    assert answers == ["yes", "partial"]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("import hashlib\nchunk_id = hashlib.md5(text).hexdigest()\n", "yes"),
        ("import uuid\nchunk_id = uuid.uuid5(uuid.NAMESPACE_URL, text)\n", "yes"),
        ("import uuid\nchunk_id = uuid.uuid4()\n", "no"),
        ("def add(store, n, text):\n    store.add(text, ids=[n])\n", "partial"),
        ("doc_id = f'{name}_{n}'\n", "partial"),
        ("x = 1\n", "no"),
    ],
)
def test_ids_come_from_the_content(code: str, answer: str, tmp_path: Path) -> None:
    assert ask("corpus.stable_ids", {"src/ingest.py": code}, tmp_path).answer == answer


def test_a_hash_elsewhere_is_no_id_of_a_document(tmp_path: Path) -> None:
    tree = {"src/login.py": "import hashlib\nkey = hashlib.sha256(password).hexdigest()\n"}
    assert ask("corpus.stable_ids", tree, tmp_path).answer == "no"


def test_ids_are_read_in_typescript_too(tmp_path: Path) -> None:
    tree = {"src/ingest.ts": "const id = createHash('sha256').update(text).digest('hex')\n"}
    assert ask("corpus.stable_ids", tree, tmp_path).answer == "yes"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("failed.append(path)", "yes"),
        ("failed_count += 1", "yes"),
        ("print(path)", "partial"),
        ("raise", "partial"),
        ("pass", "no"),
    ],
)
def test_what_cannot_be_read_is_counted(body: str, answer: str, tmp_path: Path) -> None:
    code = f"{READ}        try:\n            yield path.read_text()\n"
    code += f"        except OSError:\n            {body}\n    return failed\n"
    assert ask("corpus.failures_counted", {"src/a.py": code}, tmp_path).answer == answer


def test_a_missing_package_is_no_unreadable_document(tmp_path: Path) -> None:
    code = f"{READ}        pass\ntry:\n    import pypdf\nexcept ImportError:\n    print('no')\n"
    assert ask("corpus.failures_counted", {"src/a.py": code}, tmp_path).answer == "no"
