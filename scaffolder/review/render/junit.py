"""A report as JUnit XML: a suite a section, a case an item.

Invariant: only characters that XML 1.0 allows, whatever a repository says; well formed for any
text.
"""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from scaffolder.review.model import Evidence, Item, Report, Status
from scaffolder.review.render import running, wording
from scaffolder.review.render.wording import line
from scaffolder.sanitise import clean

LISTED = 50
"""Places, notices and files not read that are listed before the others are counted."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The whole report; its level, gate and next mends are properties of the first suite."""
    sections = [
        (key, title, [i for i in report.items if i.check.section == key])
        for key, title in report.section_titles.items()
    ]
    suites = [_suite(k, t, items, report) for k, t, items in sections if items]
    failures = sum(wording.is_open(i) for i in report.items)
    head = f"<testsuites name={_attribute('scaffold review of ' + wording.title(report))}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'{head} tests="{len(report.items)}" failures="{failures}" errors="0"'
        f' time="{wording.number(report.duration_s) or 0}">\n'
        + _about(report)
        + "".join(suites)
        + "</testsuites>\n"
    )


def _about(report: Report) -> str:
    """A suite without cases: JUnit has no other place for what is said of all of them."""
    told = [("level", wording.level(report)), ("gate", wording.gate(report))]
    told += [("run", running.said(report))]
    told += [("own work", wording.own_work(report)), ("narrowed", wording.narrowed(report))]
    told += [
        (f"mend {n}", f"{m.id} ({wording.minutes(m.effort)}): {line(m.fix)}")
        for n, m in enumerate(report.mends, 1)
    ]
    told += [("read", wording.read(report)), ("not read", wording.unread(report))]
    seen = report.examined
    told += [(wording.NOTICES, text) for text in _some([_quoted(e) for e in seen.notices])]
    told += [
        ("skipped", text)
        for text in _some([f"{line(s.path)}: {line(s.reason)}" for s in seen.skipped])
    ]
    return (
        ' <testsuite name="report" tests="0" failures="0" errors="0" skipped="0">\n'
        "  <properties>\n"
        + "".join(
            f"   <property name={_attribute(name)} value={_attribute(value)}/>\n"
            for name, value in told
            if value
        )
        + "  </properties>\n </testsuite>\n"
    )


def _suite(key: str, title: str, items: Sequence[Item], report: Report) -> str:
    failed = sum(wording.is_open(i) for i in items)
    skipped = sum(_skipped(i) for i in items)
    cases = "".join(_case(i, report) for i in wording.ordered(items, report.blockers))
    return (
        f" <testsuite name={_attribute(f'{key} {title}')}"
        f' tests="{len(items)}" failures="{failed}" errors="0" skipped="{skipped}">\n'
        f"{cases} </testsuite>\n"
    )


def _case(item: Item, report: Report) -> str:
    check = item.check
    head = (
        f"  <testcase classname={_attribute(check.section)}"
        f" name={_attribute(f'{check.id} {line(check.claim)}')}"
    )
    reason = _attribute(f"{wording.verdict(item)}: {line(item.reason)}")
    body = _answer(item)
    if wording.is_open(item):
        failure = f"<failure type={_attribute(wording.verdict(item))} message={reason}>"
        body = f"   {failure}{_text(_told(item, report))}</failure>\n{body}"
    elif _skipped(item):
        body = f"   <skipped message={reason}/>\n{body}"
    return f"{head}>\n{body}  </testcase>\n" if body else f"{head}/>\n"


def _answer(item: Item) -> str:
    """What the author says of it, where a person decides or has waived it; advice of a model."""
    told = wording.is_answered(item) or item.status is Status.WAIVED
    why = [line(item.reason), *_some([_quoted(e) for e in item.evidence])] if told else []
    said = "\n".join([*why, *running.advice(item)])
    return f"   <system-out>{_text(said)}</system-out>\n" if said else ""


def _skipped(item: Item) -> bool:
    return item.inherited or not (wording.is_open(item) or item.status is Status.PASS)


def _told(item: Item, report: Report) -> str:
    label, remedy = wording.remedy(item)
    shuts = ["This must shuts the gate."] if item.check.id in report.blockers else []
    places = _some([_quoted(e) for e in item.evidence])
    return "\n".join([*places, *shuts, f"{label}: {remedy}"])


def _some(texts: Sequence[str]) -> list[str]:
    left = len(texts) - LISTED
    more = [f"and {left:,} more: --format json lists them all"] if left > 0 else []
    return [*texts[:LISTED], *more]


def _quoted(evidence: Evidence) -> str:
    between = ": " if evidence.ran and evidence.text else "  "
    return f"{wording.place(evidence)}{between}{clean(evidence.text)}".rstrip()


def _text(text: str) -> str:
    return escape(_ILLEGAL.sub("?", text))


def _attribute(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("?", text))
