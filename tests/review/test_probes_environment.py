"""Configuration from the environment, and its example file."""

from pathlib import Path

import pytest
from asked import ask

READS = {"app.py": "import os\nKEY = os.environ['ROTA_KEY']\n"}


@pytest.mark.parametrize(
    ("tree", "answer"),
    [
        ({**READS, ".env.example": "ROTA_KEY=\n"}, "yes"),
        ({**READS, "env.template": "export ROTA_KEY=\n"}, "yes"),
        (
            {"app.py": "from dotenv import load_dotenv\n", ".example.env": "OPENAI_API_KEY=\n"},
            "yes",
        ),
        ({"a.ts": "const k = process.env.ROTA_KEY", ".env.local.example": "ROTA_KEY=\n"}, "yes"),
        ({**READS, "dotEnv.txt": "ROTA_KEY=\n"}, "yes"),
        (
            {
                "src/main/resources/application.properties": "key=${ROTA_KEY}\n",
                ".env.example": "ROTA_KEY=\n",
            },
            "yes",
        ),
        ({"src/application.properties": "key=fixed\n", ".env.example": "ROTA_KEY=\n"}, "partial"),
        (READS, "partial"),
        ({".env.example": "ROTA_KEY=\n"}, "partial"),
        ({**READS, ".env.example": "ROTA_KEY=\n", ".env": "ROTA_KEY=x\n"}, "partial"),
        ({**READS, ".env.example": ""}, "partial"),
        ({"app.py": "import os\nprint(os.environ.get('NO_COLOR'))\n"}, "no"),
        ({"README.md": "Set ROTA_KEY in .env"}, "no"),
    ],
)
def test_configuration_and_example_belong_together(
    tree: dict[str, str], answer: str, tmp_path: Path
) -> None:
    assert ask("environment.example", tree, tmp_path).answer == answer


def test_fields_of_settings_are_variables(tmp_path: Path) -> None:
    settings = (
        "from pydantic import Field\n"
        "from pydantic_settings import BaseSettings, SettingsConfigDict\n\n\n"
        "class Settings(BaseSettings):\n"
        "    model_config = SettingsConfigDict(env_prefix='ROTA_')\n"
        "    model: str = 'small'\n"
        "    key: str = Field(alias='PROVIDER_KEY')\n\n\n"
        "def load() -> Settings:\n    other: int = 1\n    return Settings()\n"
    )
    tree = {"app.py": settings, ".env.example": "PROVIDER_KEY=\n"}
    found = ask("environment.example_complete", tree, tmp_path)
    assert (found.answer, found.evidence[0].line) == ("no", 7)
    assert "ROTA_MODEL" in found.reason
    assert "OTHER" not in found.reason


def test_writing_a_variable_is_not_reading_it(tmp_path: Path) -> None:
    tree = {"app.py": "import os\nos.environ['ROTA_A'] = 'x'\nos.environ['ROTA_B']\n"}
    found = ask("environment.example_complete", tree, tmp_path)
    assert "ROTA_B" in str(found.evidence[0].text)
    assert len(found.evidence) == 1
