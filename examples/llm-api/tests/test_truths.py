"""Truths of the golden set, counted a second time: in Python, from the rows, without SQL."""

import sqlite3
from contextlib import closing
from types import SimpleNamespace as Row

import pytest
from small_ledger import ROOT

from lendledger.assistant import database_of
from lendledger.evaluation.questions import by_id, load_questions, truth_of
from lendledger.settings import load_settings


@pytest.fixture(scope="module")
def settings():
    return load_settings(ROOT)


@pytest.fixture(scope="module")
def books(settings):
    """Every row of every table."""
    path = database_of(settings).path
    with closing(sqlite3.connect(path)) as ledger:
        ledger.row_factory = sqlite3.Row
        names = [name for (name,) in ledger.execute("SELECT name FROM sqlite_master")]
        return {
            name: [Row(**dict(row)) for row in ledger.execute(f"SELECT * FROM {name}")]
            for name in names
        }


def lent_at(books, branch, month):
    number = next(b.branch_id for b in books["branches"] if b.name == branch)
    copies = {c.copy_id for c in books["copies"] if c.branch_id == number}
    return sum(x.copy_id in copies and x.lent.startswith(month) for x in books["loans"])


def euros(fines):
    return round(sum(fine.amount_cents for fine in fines) / 100, 2)


COUNTS = {
    "l01": lambda b: [sum(x.lent[:7] == "2026-03" for x in b["loans"])],
    "l05": lambda b: [lent_at(b, "Harbour", "2026-05")],
    "l10": lambda b: [sum(m.age_group == "senior" for m in b["members"])],
    "l20": lambda b: [euros(f for f in b["fines"] if f.raised[:7] == "2026-03")],
    "l26": lambda b: [sum(not x.returned and x.due < "2026-09-30" for x in b["loans"])],
    "l28": lambda b: [lent_at(b, "Millpond", month) for month in ("2026-06", "2025-06")],
    "l36": lambda b: [
        euros(f for f in b["fines"] if f.raised[:4] == "2025"),
        euros(f for f in b["fines"] if f.raised[:4] == "2025" and f.paid is None),
    ],
    "l57": lambda b: [
        sum(v.people for v in b["visits"] if v.branch_id == 3 and v.day[:7] == "2026-05")
    ],
    "l62": lambda b: [euros(f for f in b["fines"] if (f.paid or "")[:7] == "2026-03")],
    "l68": lambda b: [len({x.member_id for x in b["loans"] if x.lent[:7] == "2026-04"})],
    "l70": lambda b: [sum(c.bought[:4] == "2024" for c in b["copies"])],
    "l71": lambda b: [len({t.title_id for t in b["titles"]} - {c.title_id for c in b["copies"]})],
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_truth_is_the_same_counted_without_sql(name, settings, books):
    question = by_id(load_questions(settings.questions), name)
    truth = truth_of(question, database_of(settings))
    assert list(truth.values) == COUNTS[name](books)
