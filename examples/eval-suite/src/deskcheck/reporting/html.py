"""The results as one page: charts, tables and the worst rows, in a single file without scripts.

Invariant: the page loads nothing, and what a system or a person wrote is escaped text in it.
"""

from collections.abc import Mapping, Sequence
from html import escape

from ..evaluation.rows import Row, figures
from .charts import Dot, dots

MOST_WORST = 20
STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --page: #fff; --line: #c9c9c9; --mark: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --page: #161616; --line: #4a4a4a; --mark: #7db7ff; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
svg { font-size: 13px; overflow: visible; } svg text { fill: var(--ink); }
.grid { stroke: var(--line); } .bar { stroke: var(--mark); stroke-width: 3; }
.dot { fill: var(--mark); } .tick { opacity: .8; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
"""

Runs = Mapping[str, Sequence[Row]]


def page(title: str, runs: Runs, split: str) -> str:
    """The whole page; `runs` are the rows of each system on one split."""
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(_introduction(runs, split))}</p>"]
    metrics = dict.fromkeys(m for rows in runs.values() for row in rows for m in row.grades)
    for metric in metrics:
        body += [
            f"<h2>{escape(metric.replace('_', ' '))}</h2>",
            dots(metric, _by_system(runs, metric)),
        ]
    last, rows = list(runs.items())[-1]
    body += [f"<h2>{escape(last)} by slice</h2>"]
    for metric in metrics:
        body.append(
            f"<h3>{escape(metric.replace('_', ' '))}</h3>{dots(metric, _by_slice(rows, metric))}"
        )
    body.append(_worst(last, rows))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _introduction(runs: Runs, split: str) -> str:
    row = next(iter(runs.values()))[0]
    items = len({r.id for r in next(iter(runs.values()))})
    sample = " These are the template's sample items." if row.origin == "template sample" else ""
    return (
        f"{items} items of the {split} split, set {row.version}, code {row.commit}. Dots are "
        f"means, bars their 95 % intervals.{sample}"
    )


def _by_system(runs: Runs, metric: str) -> list[Dot]:
    return [dot for name, rows in runs.items() for dot in _dots(rows, metric, name)]


def _by_slice(rows: Sequence[Row], metric: str) -> list[Dot]:
    found = []
    for name in dict.fromkeys(row.slice for row in rows):
        found += _dots([row for row in rows if row.slice == name], metric, name)
    return sorted(found, key=lambda dot: dot.value)


def _dots(rows: Sequence[Row], metric: str, label: str) -> list[Dot]:
    return [
        Dot(label, f.value, f.interval.low, f.interval.high, f.n)
        for f in figures(rows)
        if f.metric == metric
    ]


def _worst(system: str, rows: Sequence[Row]) -> str:
    """The rows with the lowest grades, with what came."""
    graded = [row for row in rows if row.grades and min(row.grades.values()) < 1]
    worst = sorted(graded, key=lambda row: sum(row.grades.values()) / len(row.grades))
    lines = "".join(_row(row) for row in worst[:MOST_WORST])
    return (
        f"<h2>Lowest grades of {escape(system)}</h2><table><caption>{len(worst)} rows are not "
        f"perfect; at most {MOST_WORST} are shown</caption><thead><tr><th scope='col'>item</th>"
        "<th scope='col'>slice</th><th scope='col'>grades</th><th scope='col'>output</th></tr>"
        f"</thead><tbody>{lines}</tbody></table>"
    )


def _row(row: Row) -> str:
    grades = ", ".join(f"{name} {value:g}" for name, value in row.grades.items())
    cells = (row.id, row.slice, grades, str(row.output.get("reply", dict(row.output)))[:400])
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
