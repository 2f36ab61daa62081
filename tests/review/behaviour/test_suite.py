"""A project's tests are run offline; what they print about themselves is not believed."""

from pathlib import Path

import pytest

from scaffolder.review.behaviour import suite
from scaffolder.review.behaviour.model import ControlFailed
from scaffolder.review.model import Answer
from tests.review.behaviour import checked

FORGED = "import os\n\nprint('5 passed in 0.01s')\nos._exit(0)\n"
DROPS = "def pytest_collection_modifyitems(items):\n    del items[1:]\n"
LIES = """\
import pytest


@pytest.hookimpl(trylast=True)
def pytest_unconfigure():
    import os

    os._exit(0)
"""


def test_tests_that_pass_offline_are_counted_by_our_reporter(tmp_path: Path) -> None:
    with checked.opened(tmp_path) as bench:
        found = suite.passes_offline(bench)
        report = suite.tested(bench).report
    assert found.answer is Answer.YES
    assert "5 tests passed" in found.reason
    assert report
    called = {
        report.functions[n][2] for n in report.calls["tests/test_rota.py::test_the_prompt_asks"]
    }
    assert called == {"prompt"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tests/conftest.py": FORGED}, "not trusted"),
        ({"tests/conftest.py": DROPS}, "never reached the run"),
        (
            {"tests/conftest.py": LIES, "tests/test_rota.py": "def test_no():\n    assert 0\n"},
            "not trusted",
        ),
        (
            {"tests/test_rota.py": "import pytest\n\n\ndef test_no():\n    pytest.skip()\n"},
            "no test passed",
        ),
        ({"tests/test_rota.py": "def test_no():\n    assert 1 == 2\n"}, "1 test of 1 fails"),
        ({"tests/test_rota.py": "import nowhere\n"}, "1 test file"),
        ({"tests/test_rota.py": None}, "exit 5"),
    ],
    ids=[
        "exits early",
        "drops tests",
        "hides a failure",
        "skips all",
        "fails",
        "breaks",
        "has none",
    ],
)
def test_tests_that_do_not_pass_are_told(
    tmp_path: Path, changes: dict[str, str | None], said: str
) -> None:
    with checked.opened(tmp_path, changes) as bench:
        found = suite.passes_offline(bench)
    assert found.answer is Answer.NO
    assert said in found.reason


def test_a_test_that_calls_out_fails(tmp_path: Path) -> None:
    code = (
        "import socket\n\n\ndef test_out():\n    socket.create_connection(('192.0.2.1', 80), 1)\n"
    )
    with checked.opened(tmp_path, {"tests/test_rota.py": code}) as bench:
        found = suite.passes_offline(bench)
    assert found.answer is Answer.NO
    assert "test_out" in found.reason


def test_another_runner_has_its_exit_code_alone(tmp_path: Path) -> None:
    manifest = checked.MANIFEST.replace('"pytest", "-q"', '"compileall", "-q", "src"')
    with checked.opened(tmp_path, {"scaffold.toml": manifest}) as bench:
        found = suite.passes_offline(bench)
    assert found.answer is Answer.YES
    assert "not pytest" in found.reason


def test_an_environment_without_pytest_accuses_nobody(tmp_path: Path) -> None:
    manifest = checked.MANIFEST.replace(
        '"python", "-m", "pytest"', '"python", "-I", "-S", "-m", "pytest"'
    )
    with (
        checked.opened(tmp_path, {"scaffold.toml": manifest}) as bench,
        pytest.raises(ControlFailed, match="lacks what runs its tests"),
    ):
        suite.passes_offline(bench)
