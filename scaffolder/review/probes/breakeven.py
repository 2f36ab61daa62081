"""From which volume a tune pays: computed from assumptions that are committed, people included."""

import re

from scaffolder.review.areas import area
from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.models.codewords import first_line
from scaffolder.review.tunework import told
from scaffolder.review.view import MAX_LINE, RepoView

_NAMED = re.compile(r"break.?even|pay.?off|amorti[sz]|cost.?model", re.IGNORECASE)
_CODE = re.compile(
    r"break_?even|pays_?(?:off|from)|amorti[sz]|requests?_(?:a|per)_(?:day|month)|monthly_cost",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"(?:labell?ing|building|upkeep|people|engineer\w{0,3}|maintenance|staff|person).{0,40}\d"
    r"|\d.{0,30}(?:person|engineer|labell?ing|people).{0,10}hours",
    re.IGNORECASE,
)
_PRICES = re.compile(
    r"genai.?prices|price(?:s|_file|list)?\b.{0,60}20\d\d|20\d\d.{0,60}prices?|\bas of 20\d\d",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    r"requests? (?:a|per) (?:day|month)"
    r"|\d[\d,. ]{0,12}\s?(?:requests|messages|calls|a day|per day|/day)"
    r"|never pays|does not pay|no volume|whatever the volume|at any volume",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"break.?even|\bpays?\b|cheaper|dearer|worth", re.IGNORECASE)
_SWING = re.compile(
    r"sensitiv|half|halv|double|twice|x\s?0\.5|x\s?2|if (?:the )?price|what if", re.IGNORECASE
)
_SHEETS = (".md", ".toml", ".yaml", ".yml", ".csv", ".json", ".txt")


def computed(view: RepoView) -> Reading:
    """Code computes it from committed assumptions, with dated prices and people's hours."""
    code = next((e for f in view.code if (e := first_line(view, f.path, _CODE))), None)
    if not code:
        return no("No code computes from which volume a tune pays.")
    sheets = [p for p in view.files if p.endswith(_SHEETS) and _NAMED.search(p)]
    people = _line(view, sheets, _PEOPLE)
    if not people:
        return partial("A break-even is computed, without the hours of people.", code)
    prices = _line(view, [*sheets, *view.find("*requirements*", "pyproject.toml")], _PRICES)
    if not prices:
        return partial("A break-even is computed, from prices without a date.", code, people)
    return yes(
        "A break-even is computed from dated prices and people's hours.", code, people, prices
    )


def concluded(view: RepoView) -> Reading:
    """The volume from which it pays is told, or that it never does, with what would turn it."""
    line = told.first(view, _VERDICT, _VOLUME)
    if not line:
        return no("No document says from which volume a tune pays, or that it never does.")
    sheets = [p for p in view.files if p.endswith(".md") and area(view, p) in ("docs", "evals")]
    swing = _line(view, [*sheets[:40], *([view.readme] if view.readme else [])], _SWING)
    if not swing:
        return partial("It is told when a tune pays, and not which assumption would turn it.", line)
    return yes("It is told when a tune pays and what would turn that.", line, swing)


def _line(view: RepoView, paths: list[str], wanted: re.Pattern[str]) -> Evidence | None:
    for path in paths[:60]:
        for number, line in enumerate(view.lines(path)[:2_000], 1):
            if wanted.search(line[:MAX_LINE]):
                return view.quote(path, number)
    return None
