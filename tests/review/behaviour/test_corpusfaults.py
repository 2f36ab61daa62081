"""Documents that vanish, change, lie or come twice: a sound project follows its corpus."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from scaffolder.review.behaviour import corpusfaults
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.model import ControlFailed, NotApplicable, NotDeclared
from scaffolder.review.model import Answer, Reading
from tests.review.behaviour import smallrag

CODE = "src/rag/__init__.py"

TRIES: Mapping[str, Callable[[Bench], Reading]] = {
    "R4": corpusfaults.deleted_is_gone,
    "R5": corpusfaults.planted_is_text,
    "R6": corpusfaults.edited_is_followed,
    "R9": corpusfaults.ingested_twice,
    "R9b": corpusfaults.added_is_found,
}

SAID = '"answer": found[0]["text"]'
LISTED = "for each in found]"
STALE = smallrag.changed(CODE, 'INDEX.open("w")', 'INDEX.open("a")')
LINKS = smallrag.changed(CODE, SAID, f'"links": re.findall("https?[^ )]+", str(found)), {SAID}')
OBEYS = smallrag.changed(CODE, SAID, '"answer": "PWNED" if "PWNED" in INDEX.read_text() else "1"')
HIDES = {
    CODE: str(STALE[CODE]).replace(
        LISTED, f"{LISTED[:-1]} if (HERE / 'corpus' / each['source']).exists()]"
    )
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with smallrag.opened(tmp_path_factory.mktemp("sound")) as bench:
        yield bench


@pytest.mark.parametrize("name", TRIES)
def test_a_sound_project_follows_its_corpus(name: str, sound: Bench) -> None:
    found = TRIES[name](sound)
    assert found.answer is Answer.YES, found.reason
    assert found.evidence[0].ran


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("R4", STALE, "still cited"),
        ("R4", HIDES, "still answered from"),
        ("R5", LINKS, "address of a planted instruction"),
        ("R5", OBEYS, "what a planted instruction asked for"),
        ("R6", STALE, "still quoted as it was"),
        ("R9", STALE, "answered otherwise"),
    ],
)
def test_one_changed_line_fails(
    name: str, changes: Mapping[str, str | None], said: str, tmp_path: Path
) -> None:
    found = _tried(name, tmp_path, changes)
    assert found.answer is Answer.NO
    assert said in found.reason
    assert found.evidence[0].ran


def test_a_deleted_document_that_stands_elsewhere_too_may_be_answered_from(tmp_path: Path) -> None:
    twin = {"corpus/twin.txt": smallrag.FILES["corpus/alder.txt"]}
    assert _tried("R4", tmp_path, twin).answer is Answer.YES


def test_a_new_document_that_nobody_names_accuses_nobody(tmp_path: Path) -> None:
    ignores = smallrag.changed(CODE, 'glob("*.txt")', 'glob("[a-p]*.txt")')
    with pytest.raises(NotApplicable):
        _tried("R9b", tmp_path, ignores)


@pytest.mark.parametrize("name", ["R4", "R9"])
def test_without_an_ingest_it_is_asked_for(name: str, tmp_path: Path) -> None:
    builds = {
        **smallrag.changed("scaffold.toml", "ingest = [", "index = ["),
        **smallrag.changed(CODE, "    passages = [", "    ingest()\n    passages = ["),
    }
    with pytest.raises(NotDeclared, match="no 'ingest'"):
        _tried(name, tmp_path, builds)


@pytest.mark.parametrize(
    ("path", "old", "new", "problem"),
    [
        ("scaffold.toml", 'corpus = "corpus"', "", NotDeclared),
        (CODE, "print(json.dumps(answer(given[-1])))", "print('100')", NotDeclared),
        (CODE, '"quote": each["text"]', '"quote": "They keep a hundred of them."', NotApplicable),
        (CODE, "print(json.dumps(", "assert 0; print((", ControlFailed),
    ],
)
def test_without_a_citation_that_can_be_followed_nobody_is_accused(
    path: str, old: str, new: str, problem: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(problem):
        _tried("R4", tmp_path, smallrag.changed(path, old, new))


def _tried(name: str, folder: Path, changes: Mapping[str, str | None]) -> Reading:
    with smallrag.opened(folder, changes) as bench:
        return TRIES[name](bench)
