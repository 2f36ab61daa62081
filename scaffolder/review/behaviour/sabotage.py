"""An evaluation that is sabotaged: its scores have to fall, its gate has to close.

Invariant: the same evaluation, run in the same way, wrote grades without the sabotage; a score that
was near nothing is not asked to fall.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scaffolder.review import view as views
from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour import scores
from scaffolder.review.behaviour.bench import Bench, Trial
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import Break, ControlFailed, NotApplicable, NotDeclared
from scaffolder.review.behaviour.scores import Evaluated
from scaffolder.review.golden import fields
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.results import claims, resultrows

ROUNDED = 1e-3
"""Two grades are the same when they differ by less: rows are written with three digits and more."""

SPARE = 0.02
"""The part of rows that may differ: on another machine ties between passages break otherwise."""

SHIFT = 7

MOST = 0.5
"""The part of an answer's scores that has to fall: the accuracy of a common class stays near its
share, whoever's answer it is."""


def retrieval_is_shuffled(bench: Bench) -> Reading:
    """R1: each question gets the passages of another: retrieval metrics fall to near chance."""
    before = scores.means(scores.control(bench).scores, retrieval=True)
    if not before:
        raise NotApplicable("the evaluation grades no retrieval, or grades it near nothing")
    found = scores.broken(bench, "previous", _retriever(bench), scores.lag(bench))
    return _has_to_fall(before, found, "With the passages of other questions")


def answers_are_swapped(bench: Bench, how: str) -> Reading:
    """E1 and E2: each question gets another's answer, or the first: answer grades fall."""
    before = scores.means(scores.control(bench).scores, retrieval=False)
    if not before:
        raise NotApplicable("without a model no grade of an answer is far enough from nothing")
    args = scores.lag(bench) if how == "previous" else {}
    found = scores.broken(bench, how, _answering(bench), args)
    what = "the answers of other questions" if how == "previous" else "one answer to everything"
    if not found.outcome.called:
        seen = found.outcome.evidence(f"{_answering(bench)} was not called")
        return no("The evaluation grades answers, and asks the system for none.", seen)
    return _has_to_fall(_touched(before, bench, found), found, f"With {what}", MOST)


def labels_are_shuffled(bench: Bench) -> Reading:
    """E3: the questions change places between their labels: retrieval metrics fall."""
    before = scores.means(scores.control(bench).scores, retrieval=True)
    if not before:
        raise NotApplicable("the evaluation grades no retrieval, or grades it near nothing")
    with benches.trial(bench) as trial:
        _shuffle(trial)
        words = command(bench.declared, "eval")
        done = benches.run(trial, words, seconds=benches.LONG)
        found = Evaluated(done, scores.of(trial, done))
    return _has_to_fall(before, found, "With labels of other questions")


def gate_turns_red(bench: Bench) -> Reading:
    """E9: a planted regression makes the gate of the evaluation end with a failure."""
    words = _gate(bench)
    _passes_its_gate(bench, words)
    with benches.trial(bench) as trial:
        broken = Break(_evaluated(bench), "previous")
        done = benches.run(trial, words, breaks=[broken], seconds=benches.LONG)
    seen = done.evidence("each question got what belongs to another")
    if done.exit_code == 0:
        return no("A regression was planted, and the gate of the evaluation stays green.", seen)
    return yes(f"A planted regression ends the gate with exit code {done.exit_code}.", seen)


def rows_come_again(bench: Bench) -> Reading:
    """C4 and E8: what needs no model is measured again, and gives the rows that are committed."""
    found = scores.control(bench)
    wrong, same = _differing(bench, found)
    if not wrong and not same:
        raise NotApplicable("no committed row is measured again without a model")
    seen = found.outcome.evidence(f"{same} items as committed, {len(wrong)} not")
    if len(wrong) > SPARE * (same + len(wrong)):
        shown = ", ".join(wrong[:3])
        many = count(len(wrong), "item comes out", "items come out")
        return no(f"{many} otherwise than committed: {shown}.", seen)
    return yes(f"{count(same, 'item comes', 'items come')} out as committed.", seen)


def claims_come_again(bench: Bench) -> Reading:
    """C4: the claims that rest on rows which were measured again hold for the new rows."""
    with benches.trial(bench) as trial:
        base = bench.folder / "base"
        with views.opened(base) as before:
            claimed = claims.ledger(before).claims
        words = command(bench.declared, "eval")
        done = benches.worked(trial, benches.run(trial, words, seconds=benches.LONG))
        with views.opened(trial.root) as after:
            again = [c for c in claimed if c.results in done.written]
            pairs = [(c, claims.recompute(after, c)) for c in again]
    told = [(c, r) for c, r in pairs if not r.problem]
    if not told:
        raise NotApplicable("no claim rests on rows that are measured again without a model")
    wrong = [c for c, r in told if not claims.agrees(c, r)]
    seen = done.evidence(f"{len(told)} claims recomputed from new rows, {len(wrong)} differ")
    if wrong:
        names = "; ".join(c.text[:60] for c in wrong[:3])
        return no(f"{count(len(wrong), 'claim does', 'claims do')} not come again: {names}.", seen)
    return yes(f"{count(len(told), 'claim comes', 'claims come')} again from new rows.", seen)


def _touched(
    before: Mapping[scores.Key, float], bench: Bench, found: Evaluated
) -> Mapping[scores.Key, float]:
    """The scores of systems that the fault reached: another system beside it has none to lose.

    All of them where it reached none.
    """
    whole = scores.control(bench).scores
    reached = {key[:2] for key, values in whole.items() if found.scores.get(key) != values}
    return {key: mean for key, mean in before.items() if key[:2] in reached} or before


def _has_to_fall(
    before: Mapping[scores.Key, float], found: Evaluated, when: str, most: float = 1.0
) -> Reading:
    """`most` is the part of the scores that has to fall for a yes."""
    if found.outcome.exit_code and not found.scores:
        seen = found.outcome.evidence("it ended without rows")
        return yes(f"{when} the evaluation fails.", seen)
    left = scores.standing(before, found.scores)
    shown = ", ".join(f"{system} {metric}" for _, system, metric in left[:3])
    seen = found.outcome.evidence(f"{len(before) - len(left)} of {len(before)} scores fell")
    if len(left) == len(before):
        return no(f"{when} no score falls: {shown}.", seen)
    if len(before) - len(left) < most * len(before):
        return partial(f"{when} some scores stay where they were: {shown}.", seen)
    if left:
        return yes(f"{when} scores fall, all but {shown}.", seen)
    return yes(f"{when} every score falls.", seen)


def _retriever(bench: Bench) -> str:
    declared = bench.declared
    found = declared.faults.get("retriever") or declared.entry_points.get("search")
    if not found:
        raise NotDeclared("[faults] has no `retriever`, a module:function")
    return found


def _evaluated(bench: Bench) -> str:
    """What a regression is planted in: the search, else the system, else what answers."""
    declared = bench.declared
    places = (declared.faults.get("retriever"), declared.entry_points.get("search"))
    found = next(filter(None, (*places, declared.faults.get("system"))), None)
    return found or _answering(bench)


def _answering(bench: Bench) -> str:
    if "answer" not in bench.declared.entry_points:
        raise NotDeclared("[entry_points] has no `answer`, a module:function")
    return bench.declared.entry_points["answer"]


def _gate(bench: Bench) -> Sequence[str]:
    if "gate" in bench.declared.commands:
        return command(bench.declared, "gate")
    return (*command(bench.declared, "eval"), "--gate")


def _passes_its_gate(bench: Bench, words: Sequence[str]) -> None:
    def make() -> None:
        with benches.trial(bench) as trial:
            done = benches.run(trial, words, seconds=benches.LONG)
            if done.exit_code == 2 and "gate" not in bench.declared.commands:
                raise NotDeclared("[commands] has no `gate`, and `eval` knows no --gate")
            benches.worked(trial, done)

    benches.once(bench, "gate", make)


def _shuffle(trial: Trial) -> None:
    """Moves the questions of the golden file between their labels, within each kind of item."""
    path = trial.bench.declared.paths.get("golden", "")
    text = benches.read(trial, path) if path.endswith(".jsonl") else None
    if text is None:
        raise NotDeclared("[paths] has no `golden` that is one .jsonl file")
    rows: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines() if line.strip()]
    held = [row for row in rows if fields.labels(row) or fields.facts(row)]
    if len(held) <= SHIFT:
        raise NotApplicable(f"there are only {len(held)} labelled questions")
    asked = [_asked(row) for row in held]
    for row, (_, question) in zip(held, asked[SHIFT:] + asked[:SHIFT], strict=True):
        row[_asked(row)[0]] = question
    benches.write(trial, path, "".join(json.dumps(row) + "\n" for row in rows))


def _asked(row: Mapping[str, Any]) -> tuple[str, str]:
    """The field that holds the question of a row, and the question."""
    question = fields.question(row)
    key = next((k for k, v in row.items() if v == question), "")
    if not key:
        raise ControlFailed("a labelled row holds no question that could be moved")
    return key, question


def _differing(bench: Bench, found: Evaluated) -> tuple[list[str], int]:
    """The items whose grades are not those that are committed, and how many are."""
    wrong: list[str] = []
    same = 0
    for path in sorted({path for path, _, _ in found.scores}):
        for row in resultrows.of_text(path, _committed(bench, path)):
            if resultrows.model_of(row) or resultrows.is_earlier(path):
                continue
            equal = _equal(row, found)
            if equal is False:
                wrong.append(f"{row.id} of {row.system}")
            same += equal is True
    return wrong, same


def _equal(row: resultrows.Row, found: Evaluated) -> bool | None:
    """Whether all grades of a committed row came again; None where none was measured again."""
    item = f"{row.id} {row.text('split')}".strip()
    pairs = [
        (resultrows.grade(row, metric), again[item])
        for metric in resultrows.grades(row)
        if item in (again := found.scores.get((row.path, row.system, metric), {}))
    ]
    told = [(old, new) for old, new in pairs if old is not None]
    return all(abs(old - new) < ROUNDED for old, new in told) if told else None


def _committed(bench: Bench, path: str) -> str:
    from scaffolder.review.behaviour import copying

    content = copying.read(bench.folder / "base", path, resultrows.MAX_BYTES)
    return "" if content is None else content.decode("utf-8", "replace")
