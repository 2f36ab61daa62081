"""What a reader meets before the code: links lead somewhere, and no key is in the repository."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/*.md")]


def links(page: Path) -> list[str]:
    """Targets of the page's relative Markdown links, without their anchors."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s#]+)[^)]*\)", text)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_to_files(page: Path) -> None:
    broken = [target for target in links(page) if not (page.parent / target).exists()]
    assert not broken


def test_the_example_environment_holds_no_values() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    filled = [line for line in lines if line and not line.startswith("#") and line[-1] != "="]
    assert not filled


def test_git_ignores_the_real_environment() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
