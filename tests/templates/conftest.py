"""Puts the shared layers together as one small project per provider, as generation does."""

from pathlib import Path

import jinja2
import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
LAYERS = ("_base", "_llm")
PROVIDERS = ("anthropic", "openai", "gemini")


@pytest.fixture(scope="session")
def shared_projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Provider -> project folder; the package in it is named `<provider>_rag`."""
    return {name: _assemble(name, tmp_path_factory.mktemp(name)) for name in PROVIDERS}


def _assemble(provider: str, target: Path) -> Path:
    answers = {"provider": provider, "package": f"{provider}_rag"}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([TEMPLATES / layer for layer in LAYERS]),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    for layer in LAYERS:
        root = TEMPLATES / layer / "template"
        for source in sorted([*root.glob("src/**/*"), *root.glob("tests/**/*")]):
            if source.is_file() and "__pycache__" not in source.parts:
                name = environment.from_string(source.relative_to(root).as_posix()).render(answers)
                text = source.read_text(encoding="utf-8")
                if source.suffix == ".jinja":
                    text = environment.from_string(text).render(answers)
                path = target / name.removesuffix(".jinja")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    config = TEMPLATES / "_llm/parts/providers" / f"{provider}.config.toml"
    (target / "config.toml").write_text(config.read_text(encoding="utf-8"), encoding="utf-8")
    return target
