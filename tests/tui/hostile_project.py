"""A project that has one word wherever a screen may show a text of it, and a state file of it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scaffolder import notebook, progress

MARKUP = "[/ x [/] y [@click=app.owned()]X[/] [link=http://e/l]l[/link] [$error] [bold red]b \\"
PAINT = (
    "\x1b]0;own\x07\x1b]2;t\x1b\\\x1b]8;;http://e\x07\x1b]52;c;eA==\x07\x1b[2J\x1bPq\x1b\\"
    "\x9b31m\x9d0;c1\x9c\b\r\a\v\f\x7f"
)
UNSEEN = "\u202egpj\u2066x\u200b\u200d\u2028\ufeff" + "\U000e0041" * 5 + "Z" + "\u0301" * 2000
BENIGN = "a word that does nothing at all and is as long as the other ones are, about"
HOSTILE = f"{MARKUP}{PAINT}{UNSEEN}"

_COMMANDS = ("setup", "test", "demo", "eval", "ingest")


def build(folder: Path, word: str) -> Path:
    """The project in `folder`, recorded as the learner's own; its path."""
    root = folder / _name(word)
    for place, content in _files(word).items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "replace"))
    _commit(root, word)
    _note(root, word)
    return root


def _name(word: str) -> str:
    """As much of the word as the name of a file may be."""
    shown = word.encode("utf-8", "replace").decode().replace("/", "\u2215").replace("\0", "")
    return shown.encode()[:120].decode("utf-8", "ignore")


def _files(word: str) -> dict[str, str]:
    said, name = json.dumps(word).replace("\x7f", "\\u007f"), _name(word)
    row = json.dumps({"id": word, "system": word, "metrics": {word: 1, "recall@5": 0.5}})
    notes = {"milestone": word, "question": word, "answer": word, "name": word, "id": word}
    return {
        "scaffold.toml": _manifest(said),
        ".scaffold/template.lock": json.dumps(
            {"format": 1, "skill": "rag-app", "template_version": word, "files": {}}
        ),
        "README.md": f"# {word}\n\n{word}\n\n![{word}]({word})\n\nRecall {word} 0.83 {word}\n",
        f"{name}.py": f"# {word}\nimport openai\nopenai.chat({said})\n",
        f"docs/{name}/{name}.md": f"# {word}\n",
        "docs/decisions/0001.md": f"# {word}\n\n{word}\n",
        "pyproject.toml": f"[project]\nname = {said}\nkeywords = [{said}]\n",
        "broken.toml": f"a = {word}\n",
        ".github/workflows/ci.yml": f"on: push\njobs:\n  a:\n    name: {said}\n",
        "evals/results/r.jsonl": f"{row}\n" * 3,
        "evals/questions.jsonl": f"{json.dumps(notes)}\n" * 3,
        "evals/failures.jsonl": f"{json.dumps(notes)}\n" * 3,
        "prompts/answer.md": f"{word}\n",
        "Dockerfile": f"FROM {word}\nRUN {word}\n",
    }


def _manifest(said: str) -> str:
    commands = "".join(f"{name} = ['touch', {said}]\n" for name in _COMMANDS)
    claim = (
        f"text = {said}\nmetric = {said}\nvalue = 0.9\nn = 36\nci = [0.1, 0.95]\n"
        f'method = {said}\nresults = "evals/results/r.jsonl"\ncommand = {said}\n'
    )
    return (
        '[scaffold]\nformat = 1\nskill = "rag-app"\n'
        f"template_version = {said}\npackage = {said}\n"
        f"[answers]\nproject_name = {said}\nproblem = {said}\nauthor = {said}\n"
        f"[commands]\n{commands}"
        '[paths]\nresults = "evals/results"\ngolden = "evals/questions.jsonl"\n'
        'failures = "evals/failures.jsonl"\ndecisions = "docs/decisions"\nprompts = "prompts"\n'
        f"[[claims]]\n{claim}"
        f'[[waive]]\nid = "COM-20"\nreason = {said}\nuntil = 2999-01-01\n'
        f'[[answer]]\nid = "COM-28"\nverdict = "pass"\nlink = {said}\nnote = {said}\n'
    )


def _commit(root: Path, word: str) -> None:
    who = word.encode("utf-8", "replace").decode().replace("\0", "")[:100] or "a"
    who = "".join(c for c in who if c not in "<>\n")
    git = ["git", "-C", str(root), "-c", f"user.name=a {who}", "-c", "user.email=a@b.example"]
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["commit", "-q", "-m", f"{word}\n\n{word}"],
    ):
        subprocess.run([*git, *words], check=True, env={**os.environ, "LC_ALL": "C"})
    head = (root / ".git/refs/heads/main").read_text()
    branch = root / ".git/refs/heads" / _name(word)
    branch.write_text(head)
    (root / ".git/HEAD").write_bytes(f"ref: refs/heads/{branch.name}\n".encode())


def _note(root: Path, word: str) -> Sequence[str]:
    """What the learner's own files say of it."""
    level = notebook.Level(str(root), "rag-app", word, 1.0, 2.0, 3, word, datetime.now(UTC))
    profile = dict.fromkeys(("domain", "users", "task"), word)
    return [
        *progress.start_build("rag-app"),
        *progress.record_project("rag-app", root),
        *progress.save_profile(profile),
        *notebook.note_level(level),
        *notebook.set_setting("theme", word),
        *notebook.set_setting(word, word),
    ]


if __name__ == "__main__":  # in a home of its own, as the program will run in it
    made = build(Path(sys.argv[1]), sys.stdin.buffer.read().decode("utf-8", "surrogatepass"))
    sys.stdout.write(str(made))
