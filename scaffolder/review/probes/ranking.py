"""Whether retrieval is measured: labels, ranked lists that were kept, metrics that were tested."""

import re
from collections.abc import Iterator, Sequence

from scaffolder.review import templatelock
from scaffolder.review.golden import approaches, corpus, depth, questions, removed
from scaffolder.review.golden.questions import Question
from scaffolder.review.golden.rankings import Ranking, by_system, grades_a_search, rankings
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.results import intervals, resultrows
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

WANTED = 50
"""Labelled questions that are wanted (rubric, RAG-03)."""

FEWEST = 10
"""Questions below which nothing is measured: five wins and no loss still have p = 0.06."""

BROKEN = 0.05
"""Share of labels that may be out of date; more than one in twenty, and nobody has looked."""

COVERED = 0.9
"""Share of the labelled questions that a run must have asked to be a run on the set."""

DEPTH = 10
"""Passages that MRR and nDCG look at, as in TREC and BEIR."""

_METRIC = re.compile(
    r"(?:^|_|\.)(?:recall|mrr|ndcg|dcg|hit_?rate|reciprocal_?rank|mean_reciprocal|precision_?at"
    r"|average_precision)|RetrievalMetrics|HitRate|MRR|NDCG",
)
_METRIC_WORD = re.compile(r"recall|mrr|ndcg|hit_?rate|reciprocal_?rank", re.IGNORECASE)
_LIBRARIES = ("ranx", "pytrec_eval", "ir_measures", "ragas", "deepeval", "beir")
_LIBRARY_CALLS = ("ndcg_score", "RetrieverEvaluator", "InformationRetrievalEvaluator")
_JS_TEST = re.compile(r"\b(?:recall|mrr|ndcg|hitRate|reciprocalRank)\w{0,20}\(", re.IGNORECASE)


def labelled(view: RepoView) -> Reading:
    """Enough questions name the passage or document to be found, and those are there."""
    found = questions.labelled(view)
    asked = questions.asked(view)
    if not found:
        return _unlabelled(view, asked)
    broken = [q for q in found if _is_broken(view, q)]
    sound = len(found) - len(broken)
    told = f"{sound} of {count(len(asked), 'question')} name the passage to be found"
    places = questions.places(view, (*broken[:2], *found[:3]))
    if len(broken) > BROKEN * len(found):
        reason = (
            f"{told}; of {len(broken)} more the labelled words or document are not in the corpus, "
            f"as in question {clean(broken[0].id, 40)}."
        )
        return partial(reason, *places) if sound >= FEWEST else no(reason, *places)
    if sound >= WANTED:
        return yes(f"{told}.{_gone(view)}", *places)
    reason = f"{told}; {WANTED} are asked for.{_gone(view)}"
    return partial(reason, *places) if sound >= FEWEST else no(reason, *places)


def _gone(view: RepoView) -> str:
    """What the history says of questions that are not asked any more; "" where nothing."""
    number = removed.measured_and_gone(view)
    if not number:
        return ""
    which = count(number, "question that was", "questions that were")
    return f" {which} measured before {'is' if number == 1 else 'are'} not in the set any more."


def recomputed(view: RepoView) -> Reading:
    """Ranked lists of the labelled questions are kept, fit the labels and give the grades."""
    asked, listed = questions.labelled(view), rankings(view)
    if not listed:
        return _without_lists(view)
    faults = [r for r in listed if r.fault]
    if faults:
        return _contradicted(view, faults)
    best = max(by_system(view).values(), key=lambda some: len({r.question.id for r in some}))
    covered = len({r.question.id for r in best})
    told = _figures(view)
    places = tuple(view.quote(r.row.path, r.row.line) for r in (best[0], best[-1]))
    if not best[0].found:
        reason = f"{told} The rows give ranks only, so nobody can see what stood there."
        return partial(reason, *places)
    if covered < COVERED * len(asked):
        reason = f"{told} Rows are there for {covered} of {len(asked)} labelled questions."
        return partial(reason, *places)
    if covered < WANTED:
        return partial(f"{told} {covered} questions were run; {WANTED} are asked for.", *places)
    return _at_k(view, told, best, places)


def metrics_tested(view: RepoView) -> Reading:
    """The code of the metrics has unit tests, or comes from a library that has."""
    tests = list(_tests(view))
    if tests:
        reason = f"{count(len(tests), 'test')} of the metrics: what is called is compared."
        return yes(reason, *tests[:3])
    library = next(_from_library(view), None)
    if library:
        return yes("The metrics come from a library, which tests them.", library)
    code = next(_metric_code(view), None)
    if code:
        reason = "Metrics of retrieval are computed here, and no test tries them on a known case."
        return partial(reason, code, *questions.places(view, questions.labelled(view), 1))
    return no("No code was found that computes recall, MRR, nDCG or a hit rate.")


def _unlabelled(view: RepoView, asked: Sequence[Question]) -> Reading:
    if not asked:
        return no(
            "No labelled questions were found: rows with a question and the id or source of the "
            "passage that answers it, in JSONL, JSON, CSV or YAML."
        )
    reason = f"{count(len(asked), 'question')} found, and none names the passage to be found."
    return no(reason, *questions.places(view, tuple(asked)))


def _is_broken(view: RepoView, question: Question) -> bool:
    return any(corpus.holds(view, x.source, x.quote) is False for x in question.labels if x.quote)


def _without_lists(view: RepoView) -> Reading:
    asked = questions.labelled(view)
    places = questions.places(view, asked, 2)
    graded = next(_graded_rows(view), None)
    code = next(_metric_code(view), None)
    place = graded or code
    if place is None or templatelock.recorded(view):
        reason = "No ranked lists of the labelled questions were found in result files."
        return no(reason, *places)
    what = "Figures of retrieval are kept" if graded else "Code measures retrieval"
    reason = f"{what}, but no rows hold what was found for each question, so none is recomputed."
    if not asked or not code:
        return no(reason, place)
    return partial(reason, place, *places)


def _graded_rows(view: RepoView) -> Iterator[Evidence]:
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path)[:200]:
            if grades_a_search(row):
                yield view.quote(path, row.line)


def _contradicted(view: RepoView, faults: Sequence[Ranking]) -> Reading:
    first = faults[0]
    more = f" So are {len(faults) - 1} more rows." if len(faults) > 1 else ""
    reason = (
        f"Line {first.row.line} of {clean(first.row.path, 80)} is not what its question and its "
        f"list give: {first.fault}.{more}"
    )
    return no(reason, *(view.quote(r.row.path, r.row.line) for r in faults[:3]))


def _at_k(
    view: RepoView, told: str, best: Sequence[Ranking], places: tuple[Evidence, ...]
) -> Reading:
    served = depth.depths(view)
    if not served:
        return partial(f"{told} Which k the system itself uses was not found.", *places)
    deep = max(len(r.found) for r in best)
    if min(d.k for d in served) > deep:
        reason = f"{told} The system hands on {served[0].k}, and the lists end after {deep}."
        return partial(reason, *places, served[0].evidence)
    return yes(told, *places, served[0].evidence)


def _figures(view: RepoView) -> str:
    """What the lists of each system give, at the k in use."""
    k = depth.in_use(view) or DEPTH
    metrics = (f"recall@{k}", f"mrr@{DEPTH}", f"ndcg@{DEPTH}")
    parts = []
    for one in approaches.approaches(view)[:4]:
        means = [intervals.mean(_values(one.rows, m)) for m in metrics]
        figures = ", ".join(f"{v:.2f}" for v in means)
        parts.append(f"{clean(one.name, 30)} {figures} (n = {len(one.rows)})")
    return f"Recomputed from the ranks, {', '.join(metrics)}: {'; '.join(parts)}."


def _values(some: Sequence[resultrows.Row], metric: str) -> list[float]:
    return [v for r in some if (v := resultrows.grade(r, metric)) is not None]


def _tests(view: RepoView) -> Iterator[Evidence]:
    """The tests that assert something and speak of a metric."""
    for file in view.tests:
        asserting = {a.function for a in file.asserts if not a.trivial}
        lines = view.lines(file.path) if not file.notebook else []
        for function in (f for f in file.functions if f.name in asserting):
            body = range(function.line, min(function.end_line, len(lines)) + 1)
            place = next((n for n in body if _METRIC_WORD.search(lines[n - 1])), None)
            if place:
                yield view.quote(file.path, place)
    for path in view.find("*.test.ts", "*.test.js", "*.spec.ts", "*.spec.js")[:50]:
        if "expect(" in view.text(path):
            yield from view.search(_JS_TEST, [path])


def _from_library(view: RepoView) -> Iterator[Evidence]:
    for file in view.code:
        for imported in file.imports:
            last = imported.name.rpartition(".")[2]
            if imported.name.partition(".")[0] in _LIBRARIES or last in _LIBRARY_CALLS:
                yield view.quote(file.path, imported.line)


def _metric_code(view: RepoView) -> Iterator[Evidence]:
    """Functions that are named for a metric first, then code that only has such names."""
    for file in view.code:
        for function in file.functions:
            if _METRIC.search(function.name.rpartition(".")[2]):
                yield view.quote(file.path, function.line)
    for file in view.code:
        if any(map(_METRIC.search, file.names)):
            named = view.search(_METRIC_WORD, [file.path])
            yield next(named, view.quote(file.path, 1))
