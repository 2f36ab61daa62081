"""Small faults are planted in what the tests call: they are noticed, or they are named."""

from pathlib import Path

import pytest

from scaffolder.review.behaviour import mutants, mutation
from scaffolder.review.behaviour.model import ControlFailed
from scaffolder.review.model import Answer
from tests.review.behaviour import checked

BLIND = "from rota import days, share\n\n\ndef test_it():\n    days('Mon')\n    share(1, 2)\n"


def _planted(code: str) -> list[tuple[str, str, str]]:
    return [
        (m.before, m.after, m.kind)
        for f in mutation.functions(code)
        for m in mutation.mutants(code, f)
    ]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("def f(a):\n    return a\n", ("a", "(None)", "returns None")),
        ("def f():\n    return True\n", ("True", "(False)", "returns the opposite")),
        ("def f(a, b):\n    g(a + b)\n", ("a + b", "(a - b)", "operator swapped")),
        (
            "def f(a):\n    while a < 3:\n        a = g()\n",
            ("a < 3", "(a >= 3)", "comparison flipped"),
        ),
        ("def f(a):\n    if a:\n        g()\n", ("a", "(not a)", "condition negated")),
        ("def f(a):\n    g(a[0])\n", ("0", "(1)", "off by one")),
    ],
)
def test_a_function_is_changed_in_one_place(code: str, wanted: tuple[str, str, str]) -> None:
    assert _planted(code) == [wanted]


@pytest.mark.parametrize(
    "body",
    [
        '"""Says a + b."""',
        "assert a + b",
        "raise ValueError(a + b)",
        "log.info(a + b)",
        "print(a + b)",
        "return None",
        "return []",
        "while True: pass",
        "if TYPE_CHECKING: g(a + b)",
        "g('x' + a)",
        "c: list[1] = g()",
    ],
)
def test_what_no_test_has_to_see_is_left_alone(body: str) -> None:
    assert _planted(f"def f(a, b=1 + 2):\n    {body}\n") == []
    assert _planted(f"def __repr__(a, b):\n    {body}\n    return a\n") == []


def test_nothing_but_the_change_moves() -> None:
    code = "def f(a):\r\n    # é\r\n    return (a[0] +\r\n        1)  # kept\r\n"
    each = mutation.mutants(code, mutation.functions(code)[0])
    changed = [mutation.changed(code, m) for m in each]
    assert "def f(a):\r\n    # é\r\n    return (a[(1)] +\r\n        1)  # kept\r\n" in changed


def test_tests_that_check_notice_the_faults(tmp_path: Path) -> None:
    with checked.opened(tmp_path) as bench:
        found = mutants.are_killed(bench)
        again = mutants.are_killed(bench)
    assert found.answer is Answer.YES
    assert found.reason == again.reason


def test_tests_that_check_nothing_are_told_what_they_missed(tmp_path: Path) -> None:
    with checked.opened(tmp_path, {"tests/test_rota.py": BLIND}) as bench:
        found = mutants.are_killed(bench)
    assert found.answer is Answer.NO
    assert "src/rota/__init__.py:" in found.reason
    assert found.evidence[0].path == "src/rota/__init__.py"
    assert found.evidence[0].line
    assert found.evidence[1].ran


def test_tests_that_call_nothing_notice_nothing(tmp_path: Path) -> None:
    with checked.opened(
        tmp_path, {"tests/test_rota.py": "def test_it():\n    assert 1\n"}
    ) as bench:
        found = mutants.are_killed(bench)
    assert found.answer is Answer.NO
    assert "No test calls" in found.reason


def test_tests_that_all_fail_are_no_control(tmp_path: Path) -> None:
    failing = {"tests/test_rota.py": "def test_it():\n    assert 0\n"}
    with checked.opened(tmp_path, failing) as bench, pytest.raises(ControlFailed):
        mutants.are_killed(bench)


def test_a_fault_that_hangs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "LEAST_SECONDS", 1.0)
    monkeypatch.setattr(mutants, "TIMES", 1.0)
    code = "def spin(n):\n    while n > 0:\n        n = min(n - 1, 5)\n    return []\n"
    test = "from rota import spin\n\n\ndef test_it():\n    assert spin(-1) == []\n"
    changes = {"src/rota/__init__.py": code, "tests/test_rota.py": test}
    with checked.opened(tmp_path, changes) as bench:
        assert mutants.are_killed(bench).answer is not Answer.UNKNOWN


def test_a_slow_test_may_notice_what_many_quick_ones_do_not(tmp_path: Path) -> None:
    code = "def more(n):\n    return n + 1\n"
    tests = (
        "import time\n\nimport pytest\n\nfrom rota import more\n\n\n"
        "@pytest.mark.parametrize('n', range(25))\ndef test_it_runs(n):\n    more(n)\n\n\n"
        "def test_it_counts():\n    time.sleep(0.1)\n    assert more(1) == 2\n"
    )
    changes = {"src/rota/__init__.py": code, "tests/test_rota.py": tests}
    with checked.opened(tmp_path, changes) as bench:
        found = mutants.are_killed(bench)
    assert found.answer is Answer.YES, found.reason
