"""How many passages go to the answer, and what near misses and their place do to it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.golden import measured
from scaffolder.review.model import Evidence, Reading, no, partial, unknown, yes
from scaffolder.review.project import settings
from scaffolder.review.readme.written import Written, written
from scaffolder.review.results.intervals import mean
from scaffolder.review.results.resultrows import Row, from_ranks, grade, grades, model_of
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

DEPTHS = (3, 5, 10, 20)
"""The numbers of passages at which recall is shown (rubric, RAG-10)."""

WANTED = 3
"""Of these depths, since many lists of found passages end at ten."""

_AT_K = re.compile(
    r"(?:recall|hit[ _-]?rate|hits?|success|precision|mrr|ndcg|found)\s?(?:@|_at_|_)\s?(\d{1,2})\b",
    re.IGNORECASE,
)
_K = re.compile(r"\b(?:top[-_ ]?)?k\s?[=:]?\s?(\d{1,2})\b|\b(\d{1,2}) passages\b", re.IGNORECASE)
_ROW_K = re.compile(r"k\s?[=:]\s?(\d{1,2})|top[-_ ]?(\d{1,2})|(\d{1,2}) passages", re.IGNORECASE)
_HEAD_K = re.compile(r"^(?:top[-_ ]?)?k$|passages|depth", re.IGNORECASE)
_WHY = re.compile(
    r"\bbecause\b|\bsince\b|\bso\b|\bwhy\b|reason|enough|cheaper|costs?\b|words? (?:more|in)|noise"
    r"|flat(?:tens)?|levels off|\bno (?:more|gain|better)\b|gains?\b|chosen|chose|stays? at|kept"
    r"|therefore|porque|因为",
    re.IGNORECASE,
)
_STRESS = re.compile(
    r"distract|near[-_ ]?miss|noise|noisy|position|gold[-_ ]?(?:first|middle|last)|lost[-_ ]in"
    r"|(?:first|middle|last)[-_ ]gold|duplicat|adversarial|crowd|unrelated|irrelevant"
    r"|(?:another|other|wrong)[-_ ](?:question|passage)",
    re.IGNORECASE,
)
_STRESS_KEYS = ("distractors", "n_distractors", "gold_position", "position", "noise")
_OF_ANSWERS = re.compile(r"accura|correct|exact|f1|faith|score|relevan|match|ground|answer", re.I)
_ONLY_SOME = re.compile(r"abstention|refus|declin|citation", re.IGNORECASE)
"""Grades of answers that were declined, or that cite: of others there are none."""

_TOP = re.compile(r"\bk\s?=\s?(\d{1,3})\b", re.IGNORECASE)
_VERIFY = (
    "Let a model answer the same questions with near-miss passages beside the right one, or with "
    "the right one first, in the middle and last; commit its rows with a field such as distractors."
)


@dataclass(frozen=True)
class _Curve:
    """Recall of one system at several depths, from its own ranks."""

    system: str
    first: Row
    recall: Mapping[int, float]


def curve(view: RepoView) -> Reading:
    """Recall at several depths is what the rows give, and the author says why this k."""
    curves = view.once(_curves)
    told = max((_told(view, w, curves) for w in written(view)), key=lambda t: t.rank, default=None)
    if told is None or told.rank == 0:
        return _untold(view, curves)
    if not curves:
        reason = "A text gives quality at several k; no rows with ranks are here to compute it."
        return partial(reason, told.place)
    rows = [view.quote(c.first.path, c.first.line) for c in curves[:2]]
    if told.agreeing < WANTED:
        reason = f"Of the depths in your text {told.agreeing} show what the rows give:"
        return partial(f"{reason} {_shown(curves[0])}. {WANTED} are asked for.", told.place, *rows)
    if not told.why:
        reason = "Recall at several depths is shown, and no reason is given for the k in use."
        return partial(reason, told.place, *rows)
    return yes(f"The rows give {_shown(curves[0])}, and you say why this k.", told.place, *rows)


def stressed(view: RepoView) -> Reading:
    """A model's answers with near misses, other places of the right passage, or several k."""
    rows = [r for r in measured.measured(view) if model_of(r) or r.text("status")]
    pairs = max(_pairs(rows), key=_telling, default=None)
    if pairs is None:
        by_model = next((r for r in rows if model_of(r)), None)
        if by_model:
            reason = f"A model answered in one setting only. {_VERIFY}"
            return partial(reason, view.quote(by_model.path, by_model.line))
        reason = "No answers with near misses or moved passages are here; a model has to give them."
        return unknown(reason, _VERIFY, waits_for="model")
    first, both = pairs.first, pairs.both
    place = view.quote(first.path, first.line)
    before, after = mean([a for a, _ in both]), mean([b for _, b in both])
    told = (
        f"{clean(pairs.metric, 40)} {before:.2f} without and {after:.2f} with "
        f"({clean(_label(first), 60)}), over {len(both)} shared questions."
    )
    if not model_of(first):
        reason = f"Answers without a model under near misses or another k: {told}"
        return unknown(reason, _VERIFY, place, waits_for="model")
    if len(both) < measured.FEWEST:
        few = f"That is under {measured.FEWEST} questions, too few to say."
        return partial(f"{told} {few}", place)
    return yes(f"Answers under near misses, moved passages or another k: {told}", place)


@dataclass(frozen=True)
class _Pairs:
    """A grade of the same questions in two settings; `first` is a row of the second."""

    first: Row
    metric: str
    both: Sequence[tuple[float, float]]
    stressed: bool


@dataclass(frozen=True)
class _Told:
    """What one text says of several k: how many depths agree with rows, whether it says why."""

    rank: int
    agreeing: int
    why: bool
    place: Evidence


def _untold(view: RepoView, curves: Sequence[_Curve]) -> Reading:
    looked = "No text of yours shows quality at several k: what do 3, 5, 10 or 20 passages give?"
    if not curves:
        return no(f"{looked} Nor are there rows with the ranks to compute it from.")
    place = view.quote(curves[0].first.path, curves[0].first.line)
    return no(f"{looked} Your rows give {_shown(curves[0])}.", place)


def _shown(curve: _Curve) -> str:
    listed = ", ".join(f"recall@{k} {value:.2f}" for k, value in sorted(curve.recall.items()))
    return f"{listed} for {clean(curve.system, 30)}"


def _curves(view: RepoView) -> Sequence[_Curve]:
    """A curve for each system and split, the shipped system's test split first."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in measured.measured(view):
        for split in dict.fromkeys((row.text("split"), "")):
            groups[row.system, split].append(row)
    shipped = str(settings.table(view, "retrieval").get("retriever", ""))
    order = sorted(groups, key=lambda g: (g[0] != shipped, g[1] != "test", g))
    found = (_Curve(key[0], groups[key][0], _recall(groups[key])) for key in order)
    return tuple(c for c in found if len(c.recall) >= 2)[:60]


def _recall(rows: Sequence[Row]) -> Mapping[int, float]:
    """Recall by depth, as deep as the lists of found passages go, or as the rows state it."""
    depth = max((len(r.data["ranked"]) for r in rows if _is_list(r)), default=0)
    ranked = {k: _mean(from_ranks(r, f"recall@{k}") for r in rows) for k in DEPTHS if k <= depth}
    if not any(value is not None for value in ranked.values()):
        names = {int(m[1]): g for g in _grades(rows) if (m := _AT_K.search(g))}
        ranked = {k: _mean(grade(r, name) for r in rows) for k, name in names.items()}
    return {k: value for k, value in ranked.items() if value is not None}


def _is_list(row: Row) -> bool:
    return isinstance(row.data.get("ranked"), list)


def _grades(rows: Sequence[Row]) -> list[str]:
    names = dict.fromkeys(g for row in rows[:50] for g in grades(row))
    return [n for n in names if re.match(r"recall|hit", n, re.IGNORECASE)]


def _mean(values: Iterator[float | None]) -> float | None:
    found = [v for v in values if v is not None]
    return mean(found) if found else None


def _told(view: RepoView, text: Written, curves: Sequence[_Curve]) -> _Told:
    """What a text says: its depths, how many of them the rows of one system give, and why."""
    by_row = _by_row(text)
    lines = {n: {int(m) for m in _AT_K.findall(line)} for n, line in text[1]}
    lines |= {n: lines.get(n, set()) | {k} for n, k in by_row.items()}
    depths = set().union(*lines.values())
    place = view.quote(text[0].path, next((n for n, ks in lines.items() if ks), 1))
    if len(depths) < WANTED:
        return _Told(0, 0, False, place)
    shown = "\n".join(line for _, line in text[1])
    agreeing = max((_agreeing(shown, depths, c) for c in curves), default=0)
    why = _says_why(view, text)
    return _Told(1 + agreeing + why, agreeing, why, place)


def _by_row(text: Written) -> dict[int, int]:
    """The k of each row of a table that has one row for each k."""
    mine = {number for number, _ in text[1]}
    found: dict[int, int] = {}
    for table in text[0].document.tables:
        for line, cells in table.rows:
            first, head = (next(iter(c), "").strip("` *") for c in (cells, table.header))
            named = _ROW_K.fullmatch(first)
            bare = first if _HEAD_K.search(head) else ""
            k = next((g for g in named.groups() if g), "") if named else bare
            if line in mine and k.isdecimal() and len(k) < 4:
                found[line] = int(k)
    return found


def _agreeing(shown: str, depths: set[int], curve: _Curve) -> int:
    return sum(k in depths and _says(shown, value) for k, value in curve.recall.items())


def _says(shown: str, value: float) -> bool:
    forms = [f"{value:.2f}", f"{value:.3f}", f"{value:.0%}", f"{value:.1%}"]
    forms += [form.replace("%", " %") for form in forms[2:]]
    return any(re.search(rf"(?<![\d.]){re.escape(form)}(?!\d)", shown) for form in forms)


def _says_why(view: RepoView, text: Written) -> bool:
    """Whether the text speaks of the k in use and of a reason, within three lines."""
    used = str(settings.table(view, "retrieval").get("k", ""))
    lines = [line for _, line in text[1]]
    for at, line in enumerate(lines):
        named = {g for m in _K.finditer(line) for g in m.groups() if g}
        near = " ".join(lines[max(0, at - 1) : at + 2])
        if named and (not used or used in named) and _WHY.search(near):
            return True
    return False


def _pairs(rows: Sequence[Row]) -> Iterator[_Pairs]:
    """Every pair of settings of one system that differ in what it was given."""
    groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[_answerer(row)][_given(row)].append(row)
    for by_given in groups.values():
        names = list(by_given)[:20]
        base = next((n for n in names if n.startswith("k=")), names[0])
        for name in (n for n in names if n != base):
            metric, both = _on_answers(by_given[base], by_given[name])
            if both:
                yield _Pairs(by_given[name][0], metric, both, not name.startswith("k="))


def _on_answers(
    base: Sequence[Row], other: Sequence[Row]
) -> tuple[str, Sequence[tuple[float, float]]]:
    """The grade of whole answers that most questions have in both settings, and its values.

    A grade that only declined answers have would compare those which both settings declined.
    """
    held = [{g for row in rows[:500] for g in grades(row)} for rows in (base, other)]
    found = []
    for metric in sorted(g for g in held[0] & held[1] if measured.QUALITY.search(g)):
        ours, theirs = measured.values(base, metric), measured.values(other, metric)
        found.append((metric, [(v, theirs[i]) for i, v in ours.items() if i in theirs]))
    return max(found, key=_whole, default=("", []))


def _whole(found: tuple[str, Sequence[tuple[float, float]]]) -> tuple[bool, bool, int]:
    metric, both = found
    return not _ONLY_SOME.search(metric), _OF_ANSWERS.search(metric) is not None, len(both)


def _telling(pairs: _Pairs) -> tuple[bool, bool, bool, int]:
    enough = len(pairs.both) >= measured.FEWEST
    return bool(model_of(pairs.first)), enough, pairs.stressed, len(pairs.both)


def _answerer(row: Row) -> str:
    return model_of(row) or "no model"


def _label(row: Row) -> str:
    """A setting as a reason names it."""
    return row.system if _STRESS.search(row.system) else _given(row)


def _given(row: Row) -> str:
    """What a row was given beside the usual: distractors, a place of the gold; else its k."""
    keyed = next((f"{k} {row.data[k]}" for k in _STRESS_KEYS if row.data.get(k)), "")
    if keyed:
        return keyed[:60]
    named = f"{row.system} {row.text('variant')} {row.path.rpartition('/')[2]}"[:200]
    if _STRESS.search(named):
        return named
    top = _TOP.search(row.text("setting")[:200])
    return f"k={row.text('k') or row.text('top_k') or (top[1] if top else '')}"
