"""Questions on a terminal: asked only there, asked again after a bad answer, never half kept."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from miniature import QUESTIONS, write_yaml

from scaffolder import progress
from scaffolder.cli import main


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Terminal]:
    """Lines that the user types; what is asked is in the terminal returned."""

    def answer(*lines: str) -> Terminal:
        shown = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
        monkeypatch.setattr(sys, "stderr", shown)
        return shown

    return answer


@pytest.mark.usefixtures("templates")
def test_enter_takes_what_is_proposed(tmp_path: Path, typed: Callable[..., Terminal]) -> None:
    shown = typed("Rule Book", "", "Ada", "find the rule", "")
    assert main(["new", "tiny", str(tmp_path / "p"), "--no-git"]) == 0
    readme = (tmp_path / "p" / "README.md").read_text()
    assert readme == "# Rule Book\nfind the rule\n"
    assert "Package (rule_book)" in shown.getvalue()
    assert shown.getvalue().count("> ") == 5


@pytest.mark.usefixtures("templates")
def test_a_bad_answer_is_asked_for_again(tmp_path: Path, typed: Callable[..., Terminal]) -> None:
    shown = typed("", "json", "rules", "Ada", "", "nobody", "openai")
    assert main(["new", "tiny", str(tmp_path / "p"), "--no-git"]) == 0
    assert "not a free Python import name" in shown.getvalue()
    assert "Choose one of: anthropic, openai" in shown.getvalue()
    assert 'package = "rules"' in (tmp_path / "p" / "scaffold.toml").read_text()


@pytest.mark.usefixtures("templates")
def test_the_end_of_the_input_leaves_nothing(
    tmp_path: Path, typed: Callable[..., Terminal]
) -> None:
    typed("Rule Book")
    assert main(["new", "tiny", str(tmp_path / "p")]) == 130
    assert not (tmp_path / "p").exists()


def test_a_long_question_stands_above_its_prompt_within_the_terminal(
    tmp_path: Path, templates: Path, typed: Callable[..., Terminal]
) -> None:
    help_text = {"help": "What people look up, " * 8}
    write_yaml(templates / "_base" / "copier.yml", {**QUESTIONS, "problem": help_text})
    shown = typed("", "", "Ada", "", "")
    assert main(["new", "tiny", str(tmp_path / "p"), "--no-git"]) == 0
    lines = shown.getvalue().replace("> ", "").splitlines()
    assert max(map(len, lines)) <= 80
    assert help_text["help"].strip() in " ".join(lines)


@pytest.mark.usefixtures("templates")
def test_begin_keeps_each_answer_as_it_comes(typed: Callable[..., Terminal]) -> None:
    typed("law", "clerks")
    assert main(["begin"]) == 130
    assert progress.load().profile == {"domain": "law", "users": "clerks"}


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("closed", ["stdin", "stderr"])
def test_nothing_is_asked_where_an_end_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    for name in ("stdin", "stderr"):
        monkeypatch.setattr(sys, name, None if name == closed else Terminal())
    assert main(["new", "tiny", str(tmp_path / "p"), "--no-git"]) == 0
