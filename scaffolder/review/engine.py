"""Runs a rubric over a view.

Invariant: every item ends in one status with a reason and either evidence or what would verify it;
no check, section or skill is known here by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from scaffolder.review import areas, ownwork, templatelock, weighing
from scaffolder.review import rubric as rubrics
from scaffolder.review.attest import Attested, attested
from scaffolder.review.model import (
    Answer,
    Check,
    Fact,
    Item,
    ProbeCall,
    Reading,
    Status,
    count,
    unknown,
)
from scaffolder.review.project import languages
from scaffolder.review.rubric import Rubric
from scaffolder.review.view import RepoView

OWN_SHARE = 0.1
"""A check is started when this part of the lines that its evidence reads is the author's."""

_STATUS = {
    Answer.YES: Status.PASS,
    Answer.PARTIAL: Status.PARTIAL,
    Answer.NO: Status.FAIL,
    Answer.UNKNOWN: Status.UNVERIFIED,
    Answer.NOT_APPLICABLE: Status.NOT_APPLICABLE,
}
_VALUE = {Answer.UNKNOWN: Answer.PARTIAL, Answer.NOT_APPLICABLE: Answer.NO}
"""A fact has three values: what cannot be said accuses nobody, what does not apply is not there."""


def ask(call: ProbeCall, view: RepoView) -> Reading:
    """The answer of one probe, which is asked once a view."""
    answers = view.once(_answers)
    key = f"{call.probe} {sorted(call.args.items())}"
    if key not in answers:
        answers[key] = _fair(call, rubrics.probe(call)(view, **call.args), view)
    return answers[key]


def facts(view: RepoView, rubric: Rubric) -> Mapping[str, Fact]:
    """Every named fact; one that cannot be said is partial, with that reason."""
    return {name: _fact(ask(call, view)) for name, call in rubric.facts.items()}


def kind(view: RepoView, rubric: Rubric) -> str | None:
    """The kind of project that the code shows: the first of the rubric's whose probes all fit."""
    fits = (Answer.YES, Answer.PARTIAL)
    return next(
        (k.skill for k in rubric.kinds if all(ask(p, view).answer in fits for p in k.probes)), None
    )


def items(
    checks: Sequence[Check],
    view: RepoView,
    today: date,
    tried: Mapping[str, Reading] | None = None,
) -> tuple[Item, ...]:
    """The verdict on each check, in order; `tried` is what was seen of each try that was made."""
    said = attested(view)
    decided = (_accused(_decided(c, view, said, tried or {}), view) for c in checks)
    return tuple(_waived(_owned(item, view), said, today) for item in decided)


def _answers(_: RepoView) -> dict[str, Reading]:
    return {}


def _fair(call: ProbeCall, found: Reading, view: RepoView) -> Reading:
    """What was found, but that nothing was says little of code in a language that is not read."""
    silent = found.answer in (Answer.NO, Answer.NOT_APPLICABLE) and not found.evidence
    language = languages.unread(view) if call.of_code and silent else ""
    if not language:
        return found
    reason = f"Most of the code is {language}, which is not read here. {found.reason}"
    return unknown(reason, "Look for it by hand.")


def _fact(reading: Reading) -> Fact:
    return Fact(_VALUE.get(reading.answer, reading.answer), reading.reason, reading.evidence)


def _decided(check: Check, view: RepoView, said: Attested, tried: Mapping[str, Reading]) -> Item:
    run = weighing.seen(check, tried)
    if not check.probes:
        return _judged_by(check, run) if run else _without_files(check, said)
    found = weighing.lowest([ask(call, view) for call in check.probes])
    if run:
        return _judged_by(check, weighing.together(check, found, run))
    if found.answer is Answer.YES and check.run:
        reason = f"The repository shows it: {found.reason} It has not been seen running."
        return Item(check, Status.UNVERIFIED, reason, found.evidence, _try(check), waits_for="run")
    return _judged_by(check, found)


def _judged_by(check: Check, found: Reading) -> Item:
    verify = found.verify or ("" if found.evidence else check.fix)
    status = _STATUS[found.answer]
    return Item(check, status, found.reason, found.evidence, verify, waits_for=found.waits_for)


def _without_files(check: Check, said: Attested) -> Item:
    return _by_run(check) if check.run or check.tries else _by_person(check, said)


def _accused(item: Item, view: RepoView) -> Item:
    """The item, but no accusation over files where there is only a history: a bare repository."""
    if view.files or not view.history.commits or item.evidence:
        return item
    if item.status not in (Status.FAIL, Status.PARTIAL):
        return item
    reason = "There are no files here to read, only a history."
    return replace(
        item, status=Status.UNVERIFIED, reason=reason, how_to_verify="Review a clone of it."
    )


def _by_run(check: Check) -> Item:
    reason = "Only a run can show this, and none was made."
    return Item(check, Status.UNVERIFIED, reason, (), _try(check), waits_for="run")


def _try(check: Check) -> str:
    if check.tries:
        return f"{check.run} `scaffold review PATH --run` does it.".strip()
    return (
        f"{check.run} No run of ours does it: try it by hand, and `scaffold waive "
        f"PATH {check.id}` with what you saw as the reason."
    )


def _by_person(check: Check, said: Attested) -> Item:
    answer = said.answers.get(check.id)
    how = f"Answer it: scaffold answer PATH {check.id}. {check.ask}"
    if answer is None:
        reason = "Only a person can decide this, and nobody has answered."
        return Item(check, Status.UNVERIFIED, reason, (), how, waits_for="person")
    told = f"answered {answer.verdict} on {answer.on} at {answer.commit[:12] or 'no commit'}"
    if answer.stale:
        reason = f"It was {told}, and {answer.stale} since."
        return Item(check, Status.UNVERIFIED, reason, (answer.evidence,), how, waits_for="person")
    reason = f"Self-assessed, {told}: {answer.justification}"
    return Item(check, _STATUS[answer.verdict], reason, (answer.evidence,))


def _owned(item: Item, view: RepoView) -> Item:
    """The item under the rules of own work, where a template is recorded.

    What a person answered is that person's, whatever it speaks of.
    """
    if item.check.ask or not templatelock.recorded(view):
        return item
    share = _rests_on(item, view)
    untouched = share.part < OWN_SHARE or _quotes_only_the_template(item, view)
    if not item.check.own:
        return replace(item, inherited=item.status is Status.PASS and untouched)
    if not untouched or not share.lines:
        return item
    verify = item.how_to_verify or item.check.fix
    reason = _untouched(item, share)
    return replace(item, status=Status.NOT_STARTED, reason=reason, how_to_verify=verify)


def _untouched(item: Item, share: ownwork.Share) -> str:
    """Whose it is comes first: what was found may read like praise, and is the template's."""
    are = "is" if share.own == 1 else "are"
    whose = f"{share.own:,} of {count(share.lines, 'line')} that decide this {are} yours"
    if share.part >= OWN_SHARE:
        whose = "what decides this is as it came"
    left = "" if item.status is Status.FAIL else "As the template left it: "
    return f"Not started, still the template's: {whose}. {left}{item.reason}"


def _rests_on(item: Item, view: RepoView) -> ownwork.Share:
    """Lines of the files that the evidence quotes; of all in the item's areas where there is none.

    An item without areas that quotes no file rests on the whole project.
    """
    shares, own = ownwork.shares(view), item.check.own
    mine = {p: s for p, s in shares.items() if not own or areas.area(view, p) in own}
    quoted = [mine[p] for p in {e.path for e in item.evidence} if p in mine]
    return ownwork.total(quoted or mine.values())


def _quotes_only_the_template(item: Item, view: RepoView) -> bool:
    """Whether what is shown for the item stands, line for line, as the template brought it."""
    shares = ownwork.shares(view)
    quoted = [(e.path, e.line) for e in item.evidence if e.line and e.path in shares]
    if item.status is Status.FAIL or not quoted:
        return False
    return all(ownwork.is_template_line(view, path, line) for path, line in quoted)


def _waived(item: Item, said: Attested, today: date) -> Item:
    waiver = said.waivers.get(item.check.id)
    if item.status is Status.PASS:
        return item
    if waiver is None:
        told = [p.text for p in said.problems if item.check.id in p.text.split()]
        return replace(item, reason=" ".join([item.reason, *told]))
    if not item.check.waivable:
        return replace(item, reason=f"{item.reason} A waiver does not count for this item.")
    if waiver.until < today:
        return replace(item, reason=f"{item.reason} Its waiver ended on {waiver.until}.")
    reason = f"Waived until {waiver.until}: {waiver.reason} Without the waiver: {item.reason}"
    evidence = (waiver.evidence, *item.evidence)
    return replace(item, status=Status.WAIVED, reason=reason, evidence=evidence)
