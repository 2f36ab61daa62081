"""A clean clone is tried for real: a demo, a key that is missing, what is left behind, a trace."""

from pathlib import Path

import pytest

from scaffolder.review.behaviour import clone
from scaffolder.review.behaviour.model import ControlFailed, NotApplicable, NotDeclared
from scaffolder.review.model import Answer
from tests.review.behaviour import checked

MAIN = "src/rota/__init__.py"


def test_a_clean_clone_answers_stays_clean_and_leaves_a_trace(tmp_path: Path) -> None:
    with checked.opened(tmp_path) as bench:
        tries = (clone.answers_without_key, clone.stays_clean, clone.leaves_trace)
        assert [one(bench).answer for one in tries] == [Answer.YES] * 3


def test_a_demo_that_prints_text_is_accepted(tmp_path: Path) -> None:
    with checked.opened(tmp_path, {MAIN: "def main(words):\n    print('Ann works')\n"}) as bench:
        assert clone.answers_without_key(bench).answer is Answer.YES


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def main(words):\n    import os\n    os.environ['ANTHROPIC_API_KEY']\n", "exit 1"),
        ("def main(words):\n    return 0\n", "prints nothing"),
        ('def main(words):\n    print(\'{"status": "failed"}\')\n', "it failed"),
        ('def main(words):\n    print(\'{"status": "fine"}\')\n', "none of the contract"),
    ],
)
def test_a_demo_that_shows_nothing_is_told(tmp_path: Path, code: str, said: str) -> None:
    with checked.opened(tmp_path, {MAIN: code}) as bench:
        found = clone.answers_without_key(bench)
    assert found.answer is not Answer.YES
    assert said in found.reason
    assert found.evidence[0].ran


def test_an_environment_without_a_package_accuses_nobody(tmp_path: Path) -> None:
    with (
        checked.opened(tmp_path, {MAIN: "import notinstalled\n"}) as bench,
        pytest.raises(ControlFailed, match="lacks notinstalled"),
    ):
        clone.answers_without_key(bench)


def test_without_a_demo_nothing_is_said(tmp_path: Path) -> None:
    with (
        checked.opened(tmp_path, {"scaffold.toml": "[commands]\n"}) as bench,
        pytest.raises(NotDeclared),
    ):
        clone.answers_without_key(bench)


def test_what_git_does_not_ignore_is_named(tmp_path: Path) -> None:
    with checked.opened(tmp_path, {".gitignore": "__pycache__/\n"}) as bench:
        found = clone.stays_clean(bench)
    assert found.answer is Answer.PARTIAL
    assert "var/run.jsonl" in found.reason


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"trace": "var/run.jsonl"', '"trace": null', "no event"),
        ('"retrieval"', '"start"', "no event of a retrieval, model"),
        ('{"run_id": "1", "kind": "final"}', '{"run_id": "2", "kind": "final"}', "another run"),
    ],
)
def test_a_poor_trace_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    code = checked.ROTA.replace(old, new.replace("null", "None"))
    if "null" in new:
        code = code.replace('"retrieval"', '"start"').replace('"final"', '"stop"')
    with checked.opened(tmp_path, {MAIN: code}) as bench:
        found = clone.leaves_trace(bench)
    assert found.answer is not Answer.YES
    assert said in found.reason


def test_a_trace_outside_of_the_copy_is_not_read(tmp_path: Path) -> None:
    code = checked.ROTA.replace('"trace": "var/run.jsonl"', '"trace": "../../etc/passwd"')
    with checked.opened(tmp_path, {MAIN: code}) as bench:
        assert clone.leaves_trace(bench).answer is Answer.NO


def test_an_environment_without_pip_is_not_asked(tmp_path: Path) -> None:
    with checked.opened(tmp_path) as bench, pytest.raises(NotApplicable):
        clone.requirements_agree(bench)


def test_a_demo_that_needs_a_key_and_names_it(tmp_path: Path) -> None:
    code = checked.ROTA.replace('if "model" in words and', "if")
    with checked.opened(tmp_path, {MAIN: code}) as bench:
        assert clone.names_missing_key(bench).answer is Answer.YES


def test_a_traceback_is_no_way_to_name_a_key(tmp_path: Path) -> None:
    code = "import os\n\n\ndef main(words):\n    print(os.environ['ANTHROPIC_API_KEY'])\n"
    with checked.opened(tmp_path, {MAIN: code}) as bench:
        found = clone.names_missing_key(bench)
    assert found.answer is Answer.NO
    assert "traceback" in found.reason


ASKS = """\
import json
import os
import sys
from urllib.request import Request, urlopen


def main(words):
    key = os.environ.get("ANTHROPIC_API_KEY")
    if "model" in words and key:
        asked = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Who?"}]}
        url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
        heads = {"x-api-key": key, "content-type": "application/json"}
        urlopen(Request(url, json.dumps(asked).encode(), heads)).read()
    elif "model" in words:
        LACKS
    print("Ann")
"""


@pytest.mark.parametrize(
    ("lacks", "wanted"),
    [
        ("sys.exit(sys.stderr.write('Set ANTHROPIC_API_KEY.') and 3)", Answer.YES),
        ("sys.exit('Set ANTHROPIC_API_KEY.')", Answer.PARTIAL),
        ("pass", Answer.PARTIAL),
        ("raise KeyError('ANTHROPIC_API_KEY')", Answer.NO),
        ("sys.exit('no')", Answer.NO),
    ],
)
def test_a_model_asked_without_a_key(tmp_path: Path, lacks: str, wanted: Answer) -> None:
    with checked.opened(tmp_path, {MAIN: ASKS.replace("LACKS", lacks)}) as bench:
        assert clone.names_missing_key(bench).answer is wanted


def test_an_option_that_is_not_known_says_nothing(tmp_path: Path) -> None:
    usage = "def main(words):\n    print('Ann')\n    return 2 if '--system' in words else 0\n"
    with checked.opened(tmp_path, {MAIN: usage}) as bench, pytest.raises(NotApplicable):
        clone.names_missing_key(bench)
