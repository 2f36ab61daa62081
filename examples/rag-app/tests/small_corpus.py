"""A corpus and a golden set of a few lines, so that no test depends on the project's own data."""

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from pytopics.cli import main
from pytopics.evaluation.rows import Row
from pytopics.index import Index
from pytopics.retrieval import Hit
from pytopics.settings import Settings, load_settings
from pytopics.trace import Trace

ROOT = Path(__file__).parents[1]

TOPICS = {
    "bees": (
        "The beehives on the roof are opened every Thursday.",
        "When are the beehives opened?",
    ),
    "boats": ("Rowing boats cost seven crowns an hour.", "How much do rowing boats cost?"),
    "choir": ("The choir rehearses in the old chapel.", "Where does the choir rehearse?"),
    "fire": ("The fire drill takes place in October.", "In which month is the fire drill?"),
    "keys": ("Spare keys hang behind the green clock.", "Where do the spare keys hang?"),
    "lift": ("The lift carries at most nine persons.", "How many persons does the lift carry?"),
    "mail": ("Outgoing mail is collected at half past four.", "When is outgoing mail collected?"),
    "soup": ("Lentil soup is served on rainy days.", "On which days is lentil soup served?"),
}
FACTS = {
    "bees": "Thursday",
    "boats": "seven crowns",
    "choir": "old chapel",
    "fire": "October",
    "keys": "green clock",
    "lift": "nine persons",
    "mail": "half past four",
    "soup": "rainy days",
}
UNKNOWN = ("Who painted the Mona Lisa?", "What is the boiling point of mercury?")


def rows() -> list[dict]:
    """A question per topic and one per unknown thing, in alternating splits."""
    known = [
        {
            "id": name,
            "question": question,
            "slice": "exact-name",
            "relevant": [{"source": f"{name}.md", "quote": sentence}],
            "facts": [[FACTS[name]]],
        }
        for name, (sentence, question) in TOPICS.items()
    ]
    unknown = [
        {"id": f"u{n}", "question": question, "slice": "out-of-corpus", "relevant": [], "facts": []}
        for n, question in enumerate(UNKNOWN)
    ]
    shared = {"corpus": "small", "origin": "author"}
    splits = ("test", "dev")
    return [row | shared | {"split": splits[n % 2]} for n, row in enumerate(known + unknown)]


def settings_in(folder: Path, documents: dict[str, str] | None = None) -> Settings:
    """Settings of a project in `folder` with its own documents, questions, prompt and results."""
    corpus = folder / "corpus"
    corpus.mkdir()
    sentences = {f"{name}.md": sentence for name, (sentence, _) in TOPICS.items()}
    for name, text in (sentences if documents is None else documents).items():
        (corpus / name).write_text(text, encoding="utf-8")
    for name in ("config.toml", "prompts/answer.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "evals").mkdir()
    lines = [json.dumps(row) + "\n" for row in rows()]
    (folder / "evals" / "questions.jsonl").write_text("".join(lines), encoding="utf-8")
    found = load_settings(folder)
    return replace(
        found,
        corpus_name="small",
        corpus_path=corpus,
        embedding="wordllama",
        retriever="hybrid",
        reranker="",
        glossary=False,
        k=3,
        answer_threshold=0.9,
        llm=replace(found.llm, max_retries=0, timeout_s=5.0, deadline_s=10.0),
    )


def open_index(settings: Settings) -> Index:
    return Index.open(settings)


def trace_in(settings: Settings) -> Trace:
    return Trace.start(settings.traces, "test")


def hit(text: str, chunk_id: str = "c1", source: str = "a.md") -> Hit:
    return Hit(source, chunk_id, 1.0, text, {"lexical": 1})


def result_row(name: str, grades: dict[str, float]) -> Row:
    """A row of system "hybrid" on the test split."""
    return Row(
        id=name,
        corpus="small",
        split="test",
        slice="exact-name",
        origin="author",
        system="hybrid",
        question="0123",
        ranked=(),
        label_ranks=(),
        grades=grades,
        latency_ms=1.0,
        commit="none",
        tree="",
        setting="as it is",
    )


def run_command(name: str, settings: Settings, monkeypatch, capsys):
    """A function that runs command `name` with `--json` in the project of `settings`.

    It returns the exit code, the object on stdout (None if there is none) and stderr.
    """
    monkeypatch.chdir(settings.root)
    command = import_module(f"pytopics.commands.{name}")
    monkeypatch.setattr(command, "load_settings", lambda: settings)

    def run(*arguments: str):
        code = main([name, "--json", *arguments])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return run
