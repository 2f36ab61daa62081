"""Every test has a home, a git and a state of its own."""

from pathlib import Path

import pytest
from miniature import write_templates


@pytest.fixture(scope="session")
def rule_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the secret scanner keeps its compiled rules, once for all tests."""
    return tmp_path_factory.mktemp("rules")


@pytest.fixture(autouse=True)
def home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, rule_cache: Path
) -> Path:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("KF_RULE_CACHE_DIR", str(rule_cache))
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GIT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_CONFIG_GLOBAL", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The miniature templates/ in place of the real one; tests may write into it."""
    root = write_templates(tmp_path / "templates")
    monkeypatch.setattr("scaffolder.skills.templates_dir", lambda: root)
    return root
