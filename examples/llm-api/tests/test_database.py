"""The door to the ledger: it reads what may be read, and nothing that a prompt says opens it."""

import hashlib
import random
import time

import pytest
from small_ledger import make_project

from lendledger.assistant import database_of
from lendledger.database import Refused, TooSlow, as_text


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return database_of(make_project(tmp_path_factory.mktemp("ledger")))


def fingerprint(database):
    return hashlib.sha256(database.path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("INSERT INTO loans VALUES (0, 1, 1, '', '', '', 0)", "only a SELECT may run"),
        ("UPDATE loans SET returned = ''", "only a SELECT may run"),
        ("DROP TABLE loans", "only a SELECT may run"),
        ("SELECT 1; DROP TABLE loans", "one statement at a time"),
        ("ATTACH '/tmp/other' AS other", "only a SELECT may run"),
        ("PRAGMA query_only = OFF", "only a SELECT may run"),
        ("SELECT * FROM sqlite_master", "sqlite_master may not be read"),
        ("SELECT name FROM pragma_table_info('staff')", "only a SELECT may run"),
        ("SELECT pay_grade FROM staff", "staff may not be read"),
        ("WITH s AS (SELECT * FROM staff) SELECT COUNT(*) FROM s", "staff may not be read"),
        ("SELECT email FROM members", "members.email may not be read"),
        ("SELECT * FROM members", "members.name may not be read"),
        ("SELECT load_extension('x')", "load_extension may not be used"),
        ("SELECT randomblob(1000000000)", "randomblob may not be used"),
        ("SELECT unknown FROM loans", "no such column"),
        ("", "empty"),
        ("SELECT '" + "x" * 5000 + "'", "4000 characters"),
    ],
)
def test_what_may_not_run_is_refused_and_changes_nothing(database, statement, said):
    before = fingerprint(database)
    with pytest.raises(Refused, match=said):
        database.select(statement)
    assert fingerprint(database) == before


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT COUNT(*) FROM loans a, loans b, loans c",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) FROM r",
    ],
)
def test_what_takes_too_long_is_stopped(database, statement):
    started = time.monotonic()
    with pytest.raises(TooSlow):
        database.select(statement)
    assert time.monotonic() - started < database.most_seconds + 2


def test_rows_beyond_the_limit_are_left_out_and_said(database):
    table = database.select("SELECT loan_id FROM loans")
    assert (len(table.rows), table.more) == (database.most_rows, True)
    assert "more rows were left out" in as_text(table)
    assert "(no rows)" in as_text(database.select("SELECT loan_id FROM loans WHERE 1 = 0"))


def test_a_select_says_which_tables_it_read(database):
    query = "SELECT m.age_group, COUNT(l.loan_id) FROM loans l JOIN members m USING (member_id)"
    assert database.select(f"{query} GROUP BY 1").tables == ("loans", "members")


def test_a_description_shows_visible_columns_alone(database):
    assert "email" not in {column["column"] for column in database.describe("members")}
    with pytest.raises(Refused, match="there is no table 'staff'"):
        database.describe("staff")


def test_the_ledger_has_the_promised_size(database):
    counts = {table: database.count(table) for table in database.allowed}
    assert sum(counts.values()) > 10_000
    assert len(counts) >= 4


def test_no_mixture_of_words_gets_through_with_a_change(database):
    """A thousand statements put together by chance: each is answered or refused."""
    words = "SELECT * FROM loans staff members WHERE 1 = ; ( ) , ' -- DELETE UPDATE SET DROP x"
    chance, before = random.Random(7), fingerprint(database)
    for _ in range(1000):
        statement = " ".join(chance.choices(words.split(), k=chance.randint(1, 9)))
        try:
            table = database.select(statement)
        except Refused:
            continue
        assert not {"staff"} & set(table.tables)
    assert fingerprint(database) == before
