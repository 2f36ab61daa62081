"""The one error boundary and the one way out for results."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from spokehouse.console import deliver, guard, printable
from spokehouse.errors import (
    ConfigError,
    GateFailed,
    ProjectError,
    ProviderUnreachable,
    UsageError,
)
from spokehouse.result import Citation, Result, Usage


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError, 2), (ConfigError, 3), (ProviderUnreachable, 4), (GateFailed, 5)],
)
def test_each_error_has_its_exit_code_and_says_how_to_mend_it(capsys, error, code):
    def run() -> int:
        raise error("chunk size 0", "set words under [chunking]")

    assert guard(run) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "error: chunk size 0\n  set words under [chunking]\n"


def test_a_bug_is_not_dressed_up_as_an_error_of_the_user():
    def run() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guard(run)


def test_ctrl_c_ends_without_a_traceback(capsys):
    def run() -> int:
        raise KeyboardInterrupt

    assert guard(run) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_json_is_one_object_and_details_cannot_replace_the_contract(capsys):
    result = Result(
        "answered",
        "ok",
        answer="Größe \ud800",
        citations=(Citation("a.md", "c1", "q"),),
        usage=Usage(3, 0, 2),
        detail={"hits": [1], "status": "failed"},
    )
    deliver(result, as_json=True, human="")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["status"], shown["hits"], shown["answer"]) == ("answered", [1], "Größe \ud800")
    assert shown["citations"] == [{"source": "a.md", "chunk_id": "c1", "quote": "q"}]
    assert shown["usage"] == {"input_tokens": 3, "cached_tokens": 0, "output_tokens": 2}


def test_text_of_a_document_cannot_drive_the_terminal():
    assert printable("a\x1b[2Jb\u202ec\ud800\td\n") == "a\\x1b[2Jb\\u202ec\\ud800\td\n"
    assert printable("naïve\u00a0café 手册") == "naïve\u00a0café 手册"


def test_a_reader_that_stops_reading_is_no_error():
    program = (
        "from spokehouse.console import guard\n"
        "raise SystemExit(guard(lambda: [print('line') for _ in range(100_000)] and 0))"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_message_of_an_error_is_made_printable_too(capsys):
    def run() -> int:
        raise ProjectError("no file \x1b]0;owned\x07")

    guard(run)
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("redirection", "reason"),
    [(">&-", "stdout is closed"), (">/dev/full", "No space left"), (">&- 2>&-", "")],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_result_that_cannot_be_written_is_an_error_and_no_crash(redirection, reason):
    program = (
        "from spokehouse.console import guard, note, show\n"
        "raise SystemExit(guard(lambda: note('working') or show('result') or 0))"
    )
    command = f'exec "$0" -c "$1" {redirection}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, program], capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert reason in done.stderr
