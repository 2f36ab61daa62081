"""Starting it with one command, and what the image holds."""

from pathlib import Path

import pytest
from asked import ask

IMAGE = "FROM python:3.12\nCOPY app app\nCMD python -m app\n"


@pytest.mark.parametrize(
    ("tree", "answer"),
    [
        ({"Dockerfile": IMAGE}, "yes"),
        ({"compose.yaml": "services: {app: {build: .}, db: {image: postgres:16}}"}, "yes"),
        ({"Makefile": "run:\n\tstreamlit run app.py\n"}, "yes"),
        ({"start.sh": "uvicorn app:app\n"}, "yes"),
        ({"docker-compose.yml": "services: {db: {image: postgres:16}}"}, "partial"),
        ({"Dockerfile": "FROM python:3.12\nRUN pip install x\n"}, "partial"),
        ({".devcontainer/devcontainer.json": "{}"}, "partial"),
        ({"db/Makefile": "postgres:\n\tdocker run -it postgres:17\n"}, "partial"),
        ({"Makefile": "demo:\n\tpython -m src.demo\n", "src/demo.py": "main()\n"}, "yes"),
        ({"Makefile": "demo:\n\tpython -m src.demo\n", "src/other.py": "main()\n"}, "no"),
        (
            {"Makefile": "demo:\n\tcd api && python -m src.demo\n", "src/a.py": "", "api/a": ""},
            "yes",
        ),
        ({"Makefile": "serve:\n\tpython -m http.server\n"}, "yes"),
        ({"podman/test-chat/Dockerfile": IMAGE}, "no"),
        ({"Makefile": "test:\n\tpytest\n", "scripts/run_eval.sh": "python eval.py\n"}, "no"),
        ({"README.md": "docker compose up starts it."}, "no"),
    ],
)
def test_only_what_starts_the_project_counts(
    tree: dict[str, str], answer: str, tmp_path: Path
) -> None:
    assert ask("container.starts_everything", tree, tmp_path).answer == answer


def test_an_image_for_one_of_two_parts_is_partial(tmp_path: Path) -> None:
    tree = {
        "web/package.json": '{"dependencies": {"next": "15.0.0"}}',
        "api/requirements.txt": "fastapi==1.0\n",
        "web/Dockerfile": IMAGE,
    }
    assert ask("container.starts_everything", tree, tmp_path).answer == "partial"


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ("COPY app app", "yes"),
        ("COPY . .", "partial"),
        ("COPY .env app ./", "no"),
        ("ENV OPENAI_API_KEY=" + "k" * 20, "no"),
        ("ENV OPENAI_API_KEY=${OPENAI_API_KEY_OF_THE_HOST}", "yes"),
    ],
)
def test_a_secret_that_is_built_in_is_found(lines: str, answer: str, tmp_path: Path) -> None:
    tree = {"Dockerfile": f"FROM python:3.12\n{lines}\n"}
    assert ask("container.image_without_secrets", tree, tmp_path).answer == answer


def test_only_the_last_stage_says_who_runs_it(tmp_path: Path) -> None:
    tree = {"Dockerfile": "FROM python:3.12 AS a\nUSER app\nFROM a\nUSER root\nCMD x\n"}
    assert ask("container.image_user", tree, tmp_path).answer == "no"
