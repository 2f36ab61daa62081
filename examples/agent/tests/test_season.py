"""Frost: when parcels travel, and what two people find on their list in the morning."""

from datetime import date

import pytest
from small_shop import call, executor, make_project, runner

from seeddesk import morning
from seeddesk.season import outlook
from seeddesk.shop import Shop, opened

HELD = "UPDATE shipments SET state = 'held for frost' WHERE order_id = 'O0002'"


@pytest.fixture
def settings(tmp_path):
    return make_project(tmp_path)


def change(settings, *queries):
    with opened(settings.database) as connection:
        for query in queries:
            connection.execute(query)


def seen(settings, order_id="O0002"):
    with opened(settings.database) as connection:
        return outlook(Shop(connection, "C001", settings.today, settings.policy), order_id)


def plants(settings, last_frost):
    change(
        settings,
        HELD,
        "UPDATE order_lines SET sku = 'P-1' WHERE order_id = 'O0002'",
        "DELETE FROM frosts",
        f"INSERT INTO frosts VALUES ('Gent', '{last_frost}')",
    )


def test_plants_travel_two_days_after_the_last_frost(settings):
    plants(settings, "2026-05-01")
    assert seen(settings).ships_from == date(2026, 5, 3)
    assert "travels from 2026-05-03" in seen(settings).told("O0002")


def test_after_the_last_frost_they_may_travel_today(settings):
    plants(settings, "2026-04-02")
    assert seen(settings).ships_from == settings.today


def test_of_a_town_without_a_frost_nothing_is_guessed(settings):
    plants(settings, "2026-05-01")
    change(settings, "DELETE FROM frosts")
    assert seen(settings).ships_from is None
    assert "not known for Gent" in seen(settings).told("O0002")


def test_seed_is_not_concerned(settings):
    assert "holds no plants" in seen(settings).told("O0001")


def test_the_tool_tells_nothing_of_the_order_of_another_customer(settings):
    found = executor(settings).perform(call("frost_outlook", order_id="O0009"))
    assert found.outcome == "refused"


def test_a_parcel_that_is_held_is_told_with_its_day(settings, monkeypatch, capsys):
    plants(settings, "2026-05-01")
    run = runner(settings.root, monkeypatch, capsys)
    _, result, _ = run("ask", "Where is O0002?")
    assert "travels from 2026-05-03" in result["answer"]


def test_the_list_of_the_morning_names_what_waits_and_what_may_go(settings, monkeypatch, capsys):
    plants(settings, "2026-04-02")
    run = runner(settings.root, monkeypatch, capsys)
    run("ask", "O0004 is lost, refund it.")
    run("ask", "I want to speak to a person about O0003.")
    code, result, _ = run("morning")
    assert (code, result["waiting"], result["calls"], result["can_go"]) == (0, 1, 1, ["O0002"])
    text = "\n".join(morning.read(settings, settings.database).lines())
    assert "Wait for your word (1)" in text
    assert "refund_order(" in text
    assert "May travel today (1)\n  O0002 to Gent" in text


def test_a_parcel_that_is_late_beyond_the_rule_is_on_the_list_until_it_is_refunded(
    settings, monkeypatch, capsys
):
    run = runner(settings.root, monkeypatch, capsys)
    assert run("morning")[1]["overdue"] == ["O0002"]
    run("ask", "O0002 is late.")
    assert run("morning")[1]["overdue"] == []


def test_a_morning_without_anything_says_so(settings, monkeypatch, capsys):
    change(settings, "DELETE FROM shipments")
    code, result, _ = runner(settings.root, monkeypatch, capsys)("morning")
    assert (code, result["message"]) == (0, "Nothing waits.")
