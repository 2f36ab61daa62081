"""The baseline without a model: a question that fits a pattern becomes a SELECT, any other is told.

Invariant: the same tools, limits and database as the model; a figure it tells stands in a row.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .database import Table, shown
from .ending import Ending
from .executor import Executor
from .llm.types import ToolCall
from .loop import trace_call
from .trace import Trace

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
SCOPE = "I answer questions about the ledger: customers, products, orders, payments and returns."
_MONTH = rf"(?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})"
_REVENUE = "ROUND(SUM(l.quantity * l.price_cents) / 100.0, 2)"
_SOLD = "FROM order_lines l JOIN orders o USING (order_id) WHERE o.status = 'paid'"


@dataclass(frozen=True)
class Pattern:
    """What a question looks like, the SELECT for it, and how its first row is told."""

    question: re.Pattern[str]
    sql: Callable[[Mapping[str, str]], str]
    told: str


def _looks(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _when(found: Mapping[str, str]) -> str:
    """The condition on a month or a year, in the form of the ledger's dates; "" for none."""
    if month := found.get("month"):
        number = MONTHS.index(month.lower()) + 1
        return f" AND o.ordered LIKE '{found['year']}-{number:02}-%'"
    return f" AND o.ordered LIKE '{found['year']}-%'" if found.get("year") else ""


PATTERNS = (
    Pattern(
        _looks(rf"how many orders .*?(?:cancelled|canceled).*?in {_MONTH}"),
        lambda f: f"SELECT COUNT(*) FROM orders o WHERE o.status = 'cancelled'{_when(f)}",
        "{0} orders were cancelled.",
    ),
    Pattern(
        _looks(rf"how many orders .*?in {_MONTH}"),
        lambda f: f"SELECT COUNT(*) FROM orders o WHERE 1 = 1{_when(f)}",
        "There were {0} orders.",
    ),
    Pattern(
        _looks(rf"(?:revenue|turnover|sales) (?:in|of|for) {_MONTH}"),
        lambda f: f"SELECT {_REVENUE} {_SOLD}{_when(f)}",
        "The revenue was {0} euros.",
    ),
    Pattern(
        _looks(r"how many customers .*?(?:in|from) (?P<city>[A-Z][a-z]+)"),
        lambda f: f"SELECT COUNT(*) FROM customers WHERE city = '{f['city']}'",
        "There are {0} customers.",
    ),
    Pattern(
        _looks(r"how many customers"),
        lambda f: "SELECT COUNT(*) FROM customers",
        "There are {0} customers.",
    ),
    Pattern(
        _looks(r"best[- ]selling product|product sold (?:the )?most"),
        lambda f: (
            "SELECT p.name, SUM(l.quantity) FROM order_lines l JOIN products p USING (product_id)"
            " JOIN orders o USING (order_id) WHERE o.status = 'paid'"
            " GROUP BY p.product_id ORDER BY 2 DESC LIMIT 1"
        ),
        "{0}, sold {1} times.",
    ),
    Pattern(
        _looks(r"average (?:value of an order|order value)"),
        lambda f: (
            "SELECT ROUND(AVG(total) / 100.0, 2) FROM (SELECT SUM(l.quantity * l.price_cents)"
            f" AS total {_SOLD} GROUP BY o.order_id)"
        ),
        "An order is worth {0} euros on average.",
    ),
    Pattern(
        _looks(r"how many (?:returns|products were returned)"),
        lambda f: "SELECT COUNT(*) FROM returns",
        "There were {0} returns.",
    ),
    Pattern(
        _looks(r"(?:price|cost) of (?:the |a )?(?P<product>[\w ]+?)\??$"),
        lambda f: (
            "SELECT name, ROUND(price_cents / 100.0, 2) FROM products"
            f" WHERE name LIKE '{f['product'].strip()}%' ORDER BY name LIMIT 1"
        ),
        "{0} costs {1} euros.",
    ),
)


def run(question: str, executor: Executor, trace: Trace) -> Ending:
    """Answer by the first pattern that fits; say what can be asked where none does."""
    for pattern in PATTERNS:
        if found := pattern.question.search(question):
            groups = {name: value for name, value in found.groupdict().items() if value}
            return _told(pattern, pattern.sql(groups), executor, trace)
    return Ending("refused", SCOPE)


def _told(pattern: Pattern, sql: str, executor: Executor, trace: Trace) -> Ending:
    call = ToolCall(f"b{len(executor.done) + 1}", "run_select", {"sql": sql})
    (seen,) = executor.perform([call])
    trace_call(trace, seen)
    done = tuple(executor.done)
    if seen.is_error or seen.table is None:
        return Ending("degraded", f"The ledger could not be asked: {seen.text}.", done)
    if not _holds(seen.table):
        return Ending("answered", "The ledger holds no data for that.", done)
    cells: list[Any] = [shown(cell) for cell in seen.table.rows[0]]
    return Ending("answered", pattern.told.format(*cells), done)


def _holds(table: Table) -> bool:
    return bool(table.rows) and all(cell is not None for cell in table.rows[0])
