"""A letter says what the log holds, and nothing that a model claims."""

import pytest
from small_shop import make_project, runner

from seeddesk.executor import Observation
from seeddesk.letter import NOTHING, compose


def seen(tool, outcome="ok", data=None, **arguments):
    return Observation(tool, arguments, outcome, "", 0.0, data or {})


REFUND = {"order_id": "O2011", "amount_cents": 590, "reason": "late"}


@pytest.mark.parametrize(
    ("observed", "said"),
    [
        (seen("refund_order", **REFUND), "paid back 5.90 euros for your order O2011"),
        (seen("refund_order", "waiting", **REFUND), "waits for one of us to agree"),
        (seen("refund_order", "refused", **REFUND), NOTHING),
        (seen("refund_order", "timeout", **REFUND), NOTHING),
        (seen("cancel_order", order_id="O2001"), "O2001 is cancelled"),
        (seen("track_shipment", data={"state": "in transit"}, order_id="O1"), "O1 is in transit."),
        (seen("escalate", reason="x"), "in person"),
    ],
)
def test_each_outcome_has_its_words(observed, said):
    assert said in compose("Ada", [observed])


def test_a_refusal_names_its_rule():
    ruling = {"allowed": False, "why": "rule 5: it is held for frost, not lost"}
    text = compose("Ada", [seen("check_policy", data=ruling, order_id="O2004", reason="lost")])
    assert "We cannot do what you ask for O2004: it is held for frost, not lost." in text


def test_a_call_that_waited_and_was_made_later_is_told_as_made(tmp_path, monkeypatch, capsys):
    settings = make_project(tmp_path)
    run = runner(settings.root, monkeypatch, capsys)
    name = run("ask", "O0004 is lost, refund it.")[1]["run"]
    assert "waits for one of us" in run("letter", name)[1]["message"]
    run("approve", name)
    after = run("letter", name)[1]
    text = after["message"]
    assert after["changed"]
    assert "paid back 305.90 euros" in text
    assert "waits" not in text


def test_a_run_that_is_not_there_is_named(tmp_path, monkeypatch, capsys):
    settings = make_project(tmp_path)
    code, _, err = runner(settings.root, monkeypatch, capsys)("letter", "r0")
    assert (code, "there is no run 'r0'" in err) == (2, True)
