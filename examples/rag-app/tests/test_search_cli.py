"""`ingest` and `search` as they are typed: shapes, exit codes, and errors that name the place."""

import json
import tomllib
from pathlib import Path

import pytest
from small_corpus import TOPICS, settings_in

from pytopics import cli


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose index holds the small corpus, as working directory."""
    settings_in(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["ingest", "corpus", "--name", "small"]) == 0
    return tmp_path


def test_ingest_reports_in_one_object(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "corpus" / "empty.md").touch()
    capsys.readouterr()
    assert cli.main(["ingest", "corpus", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["status"], report["corpus"]) == ("answered", "corpus")
    assert (report["unchanged"], report["embedded"]) == (len(TOPICS), 0)
    assert report["failures"] == [{"path": "empty.md", "reason": "no text in it"}]


@pytest.mark.usefixtures("project")
def test_search_prints_one_object_with_results(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.main(["search", "beehives opened", "-k", "2", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["status"] == "answered"
    assert len(result["results"]) == 2
    assert result["results"][0]["source"] == "bees.md"
    assert result["results"][0].keys() == {"source", "chunk_id", "score", "text"}


@pytest.mark.usefixtures("project")
def test_search_without_a_match_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.main(["search", "xylophone", "--retriever", "lexical"]) == 0
    assert capsys.readouterr().out == "nothing found\n"


def test_queries_from_a_file_give_one_line_each(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.dumps({"id": name, "query": asked}) for name, (_, asked) in TOPICS.items()]
    (project / "queries.jsonl").write_text("\n".join(["", *lines, ""]))
    capsys.readouterr()
    assert cli.main(["search", "--queries", "queries.jsonl", "-k", "3", "--by-source"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == list(TOPICS)
    for row in rows:
        assert row["results"][0]["source"] == f"{row['id']}.md"
        assert row["results"][0].keys() == {"source", "chunk_id", "score", "text"}


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1]",
        '{"id": "a"}',
        '{"id": "a", "query": 7}',
        '{"id": [], "query": ""}',
        "[" * 100_000,
    ],
    ids=lambda line: line[:30],
)
def test_a_bad_line_is_named_before_anything_is_printed(
    project: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (project / "queries.jsonl").write_text('{"id": 1, "query": "keys"}\n' + line)
    capsys.readouterr()
    assert cli.main(["search", "--queries", "queries.jsonl"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "queries.jsonl, line 2" in output.err


@pytest.mark.parametrize(
    "argv",
    [
        ["search"],
        ["search", "words", "-k", "0"],
        ["search", "words", "--queries", "file"],
        ["search", "words", "--retriever", "magic"],
        ["eval", "--gate", "--save-baseline"],
        ["search", "words", "-k", "10001"],
        ["search", "words", "-k", "9" * 50],
        ["eval", "--gate", "--tune"],
    ],
)
def test_wrong_usage_exits_with_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(argv)
    assert stop.value.code == 2


def test_a_number_that_is_none_is_told_what_it_must_be(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["search", "words", "-k", "abc"])
    assert "must be a whole number of 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize("retriever", ["lexical", "dense"])
def test_a_query_that_is_not_utf8_is_searched_for(
    project: Path, capsys: pytest.CaptureFixture[str], retriever: str
) -> None:
    (project / "queries.jsonl").write_text('{"id": 1, "query": "spare \\udce9 keys"}')
    options = ["--retriever", retriever, "--json"]
    assert cli.main(["search", "spare \udce9 keys", *options]) == 0
    assert cli.main(["search", "--queries", "queries.jsonl", *options]) == 0
    assert capsys.readouterr().out.count("keys.md") == 2


@pytest.mark.usefixtures("project")
def test_an_index_of_another_corpus_is_pointed_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "keys"]) == 0
    configured = tomllib.loads((project / "config.toml").read_text())["corpus"]["name"]
    note = f"answering from small ({project / 'corpus'}); config.toml says {configured}"
    assert note in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_a_corpus_that_is_gone_still_answers_and_is_pointed_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "corpus").rename(project / "moved")
    assert cli.main(["search", "keys"]) == 0
    assert f"the folder {project / 'corpus'} is gone" in capsys.readouterr().err


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert "ingest" in capsys.readouterr().out


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["aks", "When?"]) == 2
    error = capsys.readouterr().err
    assert "no command 'aks'; did you mean `ask`?" in error
    assert error.count("\n") == 2


@pytest.mark.usefixtures("project")
def test_missing_paths_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ingest", "nowhere"]) == 2
    assert cli.main(["search", "--queries", "nowhere.jsonl"]) == 2
    assert cli.main(["ingest", ""]) == 2
    assert cli.main(["ingest", "corpus", "--name", "two\nlines"]) == 2
    assert capsys.readouterr().err.count("nowhere") == 2


@pytest.mark.parametrize(
    ("line", "change", "named"),
    [
        ("words = ", "word = 1\nwords = ", "[chunking] word"),
        ("words = ", 'words = "180" #', "[chunking] words"),
        ("words = ", "words = 5 #", "[chunking] words"),
        ("overlap = ", "overlap = 2000 #", "overlap must be smaller"),
        ("retriever = ", 'retriever = "magic" #', "[retrieval] retriever"),
        ("k = ", "#", "[retrieval] k is missing"),
        ("roles = ", "roles = [1] #", "[access] roles"),
        ("[access]", "[acess]", "acess"),
        ("model = ", 'model = "glove" #', "[embedding] model"),
        ("k = ", "k = 99999999999999999999 #", "[retrieval] k"),
        ("candidates = ", "candidates = 10001 #", "[retrieval] candidates"),
        ("threshold = ", "threshold = nan #", "[answer] threshold"),
        ("budget_usd = ", "budget_usd = inf #", "[llm] budget_usd"),
        ("path = ", 'path = "a\\u0000b" #', "[corpus] path"),
        ("path = ", 'path = "~no-such-user/x" #', "[corpus] path"),
    ],
)
def test_configuration_errors_name_the_key(
    project: Path, capsys: pytest.CaptureFixture[str], line: str, change: str, named: str
) -> None:
    config = project / "config.toml"
    text = config.read_text()
    assert f"\n{line}" in text
    config.write_text(text.replace(f"\n{line}", f"\n{change}", 1))
    assert cli.main(["search", "keys"]) == 3
    assert named in capsys.readouterr().err
