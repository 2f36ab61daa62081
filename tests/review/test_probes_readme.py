"""The README's facts, on READMEs that differ in one thing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.review import view
from scaffolder.review.model import Answer, Reading
from scaffolder.review.probes import picture, readme
from scaffolder.review.view import RepoView

Probe = Callable[[RepoView], Reading]


def _ask(probe: Probe, folder: Path, files: dict[str, str]) -> Reading:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    with view.opened(folder) as seen:
        return probe(seen)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Job seekers often struggle to tailor their CVs.", Answer.YES),
        ("## Problem\nFresh employees cannot find the right policy in 300 PDFs.", Answer.YES),
        ("Keeping up can be challenging for engineers who change clouds.", Answer.YES),
        ("Los datos son un problema: leerlos es complejo para el usuario medio.", Answer.YES),
        (
            "A plugin system.\n\n## Support us\nA platform for companies that want to give.",
            Answer.PARTIAL,
        ),
        ("## El problema\nLos estudiantes pierden horas buscando normas dispersas.", Answer.YES),
        ("## 背景\n学生很难在手册中找到规定。", Answer.YES),
        ("This project is a chatbot that answers questions about PDFs.", Answer.PARTIAL),
        ("## Problem\nThis project builds a RAG pipeline with Qdrant and FastAPI.", Answer.PARTIAL),
        ("LLMs suffer from hallucinations and are expensive. This app uses RAG.", Answer.PARTIAL),
        ("It lets analysts query Postgres in natural language.", Answer.PARTIAL),
        ("Create a `.env` file in the root folder with these lines:", Answer.NO),
        ("Create a quiz about any PDF of your course in seconds.", Answer.PARTIAL),
        ("> **To write:** who has the problem, and what it costs analysts today.", Answer.NO),
    ],
)
def test_a_problem_counts_with_those_who_have_it(tmp_path: Path, text: str, answer: Answer) -> None:
    assert (
        _ask(readme.problem_and_user, tmp_path, {"README.md": f"# Desk\n\n{text}\n"}).answer
        is answer
    )


INSTALL = "pip install -r requirements.txt"
RUN = "streamlit run app.py"


@pytest.mark.parametrize(
    ("steps", "code", "answer"),
    [
        ([INSTALL, "cp .env.example .env", RUN], "import openai", Answer.YES),
        ([INSTALL, RUN], "import openai", Answer.PARTIAL),
        ([INSTALL, RUN], "import math", Answer.YES),
        ([INSTALL], "import math", Answer.PARTIAL),
        (["OPENAI_API_KEY=your-key docker compose up --build"], "import openai", Answer.YES),
        (
            ["$ uv sync", "$ export OPENAI_API_KEY=x", "$ uv run python -m desk"],
            "import openai",
            Answer.YES,
        ),
        (["python -m venv .venv"], "import math", Answer.NO),
    ],
)
def test_setup_needs_every_step_that_the_project_needs(
    tmp_path: Path, steps: list[str], code: str, answer: Answer
) -> None:
    block = "\n".join(("# Desk", "", "```sh", *steps, "```", ""))
    assert (
        _ask(readme.setup_commands, tmp_path, {"README.md": block, "app.py": code}).answer is answer
    )


STEPS = f"```sh\n{INSTALL}\ncp .env.example .env\n{RUN}\n```\n"
VITE = (
    "# React\n\nThis template provides a minimal setup.\n" + f"```sh\n{INSTALL}\n{RUN}\n```\n" * 9
)


@pytest.mark.parametrize(
    ("files", "answer"),
    [
        ({"README.md": "See [development.md](development.md).", "development.md": STEPS}, "yes"),
        ({"README.md": "[Backend](api/README.md)", "api/README.md": STEPS}, "yes"),
        ({"README.md": "[Release notes](news.md)", "news.md": STEPS}, "no"),
        ({"README.md": "# Desk", "development.md": STEPS}, "no"),
        ({"README.md": f"{INSTALL}\n[Setup](up.md)", "up.md": "Set your API key."}, "no"),
        ({"README.md": "It needs a `.env` file with OPENAI_API_KEY."}, "partial"),
        ({"api/README.md": STEPS, "api/package.json": "{}", "web/README.md": VITE}, "yes"),
        ({"api/README.md": STEPS, "web/README.md": VITE}, "no"),
        ({"api/README.md": "# A", "web/README.md": VITE, "web/package.json": "{}"}, "no"),
    ],
)
def test_steps_are_found_where_the_readme_leads(
    tmp_path: Path, files: dict[str, str], answer: str
) -> None:
    tree = {"app.py": "import openai", **files}
    assert _ask(readme.setup_commands, tmp_path, tree).answer.value == answer


def test_an_example_that_makes_the_project_s_own_object_runs_it(tmp_path: Path) -> None:
    shown = f"```sh\n{INSTALL}\n```\n\n```python\njudge = Judge(config)\njudge.run()\n```\n"
    own = {"README.md": shown, "judge.py": "class Judge:\n    pass\n"}
    other = {"README.md": shown, "judge.py": "class Other:\n    pass\n"}
    assert _ask(readme.setup_commands, tmp_path / "a", own).answer is Answer.YES
    assert _ask(readme.setup_commands, tmp_path / "b", other).answer is Answer.PARTIAL


def test_the_readme_of_a_part_describes_the_project_where_the_top_has_none(tmp_path: Path) -> None:
    said = "# Chat\n\nA web application that answers questions about documents.\n"
    tree = {"server/README.md": said, "server/package.json": "{}", "web/README.md": VITE}
    found = _ask(readme.problem_and_user, tmp_path, {**tree, "web/package.json": "{}"})
    assert (found.answer, found.evidence[0].path) == (Answer.PARTIAL, "server/README.md")


def test_a_folder_tree_is_no_key_step(tmp_path: Path) -> None:
    text = f"# Desk\n```\n├── .env.example\n```\n```sh\n{INSTALL}\n{RUN}\n```\n"
    found = _ask(readme.setup_commands, tmp_path, {"README.md": text, "app.py": "import openai"})
    assert found.answer is Answer.PARTIAL


SETTINGS = "Python 3.11, 512 tokens, $0.4 a run, 2026-01-01, accuracy should reach 90 %."
NOTEBOOK = '{"cells": [{"cell_type": "code", "source": "1", "outputs": ["recall 0.84"]}]}'
TEMPLATE = "## Template reference run, not my result\n\n"
TABLE = "| system | recall@5 |\n|---|---|\n| hybrid | 0.84 |\n"


@pytest.mark.parametrize(
    ("files", "answer"),
    [
        ({"README.md": TABLE, "evals/results/rows.csv": "id,recall\n1,0.84\n"}, Answer.YES),
        ({"README.md": TABLE, "evaluate.py": "def recall(found, wanted): ..."}, Answer.YES),
        ({"README.md": TABLE}, Answer.PARTIAL),
        ({"README.md": "# x", "docs/evaluation.md": TABLE}, Answer.PARTIAL),
        ({"README.md": f"{TEMPLATE}{TABLE}", "evaluate.py": "def recall(): ..."}, Answer.PARTIAL),
        (
            {"README.md": "| Parameter | Value |\n|---|---|\n| threshold | 0.75 |\n"},
            Answer.NO,
        ),
        ({"README.md": SETTINGS}, Answer.NO),
        ({"README.md": "For accurate estimates: batches have a 50% discount."}, Answer.NO),
        (
            {"README.md": "![accuracy 97%](https://img.shields.io/badge/acc-97-green)"},
            Answer.NO,
        ),
        ({"README.md": "# x", "eval.ipynb": NOTEBOOK}, Answer.NO),
    ],
)
def test_numbers_count_when_measured_and_backed(
    tmp_path: Path, files: dict[str, str], answer: Answer
) -> None:
    assert _ask(readme.results_in_readme, tmp_path, files).answer is answer


@pytest.mark.parametrize(
    ("files", "answer"),
    [
        ({"README.md": "![the answer](docs/a.png)", "docs/a.png": "x"}, Answer.YES),
        ({"README.md": "![chat](https://github.com/user-attachments/assets/1-2)"}, Answer.YES),
        ({"README.md": "Question\n   ↓\nSearch\n   ↓\nAnswer\n"}, Answer.PARTIAL),
        ({"README.md": "# x", "app/static/loading.gif": "x"}, Answer.NO),
        ({"README.md": "```mermaid\nflowchart LR\n a --> b\n```\n"}, Answer.YES),
        ({"README.md": "```\nuser\n  -> retrieval\n  -> answer\n```\n"}, Answer.PARTIAL),
        ({"README.md": "# x", "docs/screenshot.png": "x"}, Answer.PARTIAL),
        ({"README.md": "![the answer](docs/a.png)"}, Answer.NO),
        ({"README.md": "![Logo](docs/logo.png)", "docs/logo.png": "x"}, Answer.NO),
        ({"README.md": "![stars](https://api.star-history.com/svg?repos=a/b)"}, Answer.NO),
        ({"README.md": "<!-- ![the answer](docs/a.png) -->"}, Answer.NO),
        ({"README.md": "```\n├── src\n│   └── app.py\n└── README.md\n```\n"}, Answer.NO),
    ],
)
def test_a_picture_counts_when_it_is_shown_and_no_logo(
    tmp_path: Path, files: dict[str, str], answer: Answer
) -> None:
    assert _ask(picture.demo_picture, tmp_path, files).answer is answer


@pytest.mark.parametrize(
    "probe",
    [
        readme.problem_and_user,
        readme.setup_commands,
        readme.results_in_readme,
        readme.first_screen,
        picture.demo_picture,
    ],
)
def test_without_a_readme_every_answer_is_no(tmp_path: Path, probe: Probe) -> None:
    assert _ask(probe, tmp_path, {"app.py": "import openai"}).answer is Answer.NO


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("```pip install -r a.txt```\n\n```python app.py```\n", Answer.YES),
        ("```bash\npip install rota\nrota serve\n```\n", Answer.YES),
        ("```bash\npip install rota\nother serve\n```\n", Answer.PARTIAL),
    ],
)
def test_commands_stand_in_spans_and_behind_entry_points(
    text: str, answer: Answer, tmp_path: Path
) -> None:
    setup = "setup(entry_points={'console_scripts': ['rota=rota.run:main']})\n"
    files = {"README.md": text, "setup.py": setup}
    assert _ask(readme.setup_commands, tmp_path, files).answer is answer


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("`touch web/.env`", Answer.YES),
        ("Enter your OpenAI API key in the sidebar.", Answer.YES),
        ("It asks nobody.", Answer.PARTIAL),
    ],
)
def test_where_the_key_goes_may_be_said_in_words(step: str, answer: Answer, tmp_path: Path) -> None:
    text = f"```\npip install -r a.txt\npython app.py\n```\n{step}\n"
    files = {"README.md": text, "app.py": "import openai\n"}
    assert _ask(readme.setup_commands, tmp_path, files).answer is answer


@pytest.mark.parametrize(
    ("path", "answer"),
    [("tests/runs_results/a.jsonl", Answer.YES), ("tests/fixtures/a.jsonl", Answer.PARTIAL)],
)
def test_rows_beside_the_tests_stand_behind_a_number(
    path: str, answer: Answer, tmp_path: Path
) -> None:
    files = {"README.md": "The accuracy is 0.81 on 90 items.\n", path: '{"accuracy": 1}\n'}
    assert _ask(readme.results_in_readme, tmp_path, files).answer is answer


def test_the_readme_of_the_examples_is_not_that_of_the_project(tmp_path: Path) -> None:
    files = {"examples/README.md": "This project answers questions about the law.\n"}
    assert _ask(readme.problem_and_user, tmp_path, files).answer is Answer.NO


@pytest.mark.parametrize("path", ["PROGRESS.md", "docs/tutorial.md"])
def test_a_diary_shows_no_measurement(path: str, tmp_path: Path) -> None:
    files = {"README.md": "A chat about law for everyone.\n", path: "Accuracy: 0.91\n"}
    assert _ask(readme.results_in_readme, tmp_path, files).answer is Answer.NO


@pytest.mark.parametrize("label", ["For:", "Who has it:", "**Who has it:**"])
def test_a_line_that_says_for_whom_counts_on_the_first_screen(tmp_path: Path, label: str) -> None:
    whole = (
        "# Build desk\n\nThe cause of a red build is hard to find.\n\n"
        f"{label} the eleven of a small firm who read 300 logs a night\n\n"
        "![Answer](a.png)\n\nIt finds 84 % (recall@5).\n\n```sh\npython -m desk\n```\n"
    )
    files = {"README.md": whole, "a.png": "x", "results/rows.csv": "id,recall\n1,0.84\n"}
    assert _ask(readme.problem_and_user, tmp_path, files).answer is Answer.YES
    assert "who has it" not in _ask(readme.first_screen, tmp_path, files).reason
