"""Generated projects, one per provider, made once by the real generator."""

from pathlib import Path

import pytest

from scaffolder import generate, skills
from scaffolder.journeys.answers import settle

PROVIDERS = ("anthropic", "openai", "gemini")


@pytest.fixture(scope="session")
def shared_projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Provider -> project, with packages named `<provider>_rag`."""
    return {name: _make(name, tmp_path_factory.mktemp("shared") / name) for name in PROVIDERS}


def _make(provider: str, target: Path) -> Path:
    skill = skills.find("rag-app")
    given = {"provider": provider, "package": f"{provider}_rag", "author": "Ada"}
    answers = settle(skill, target, given, {})
    return generate.generate(skill, target, answers, with_git=False).path
