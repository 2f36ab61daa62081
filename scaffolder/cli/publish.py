"""`scaffold publish`: the gate, then a private repository with exactly the scanned commits.

Invariant: nothing is run, written, made or pushed before it was said what, and agreed to; the gate
is decided before anything is asked.
"""

from __future__ import annotations

import argparse

from scaffolder.cli import asking, output, reviewing
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scaffolder.journeys.publish import Gate, Plan, Published, Scanned
    from scaffolder.review.model import Item

_NAMED = 3
_SHUT = 1
_LONGEST = 360
"""Characters of a reason that the list of what is in the way shows; the review has it whole."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "publish",
        help="publish a project whose gate is open, private first",
        description="Publish a project whose gate is open: the commits are scanned, a private"
        " repository is made on GitHub, and exactly they are pushed. Nothing is ever forced. Exit"
        " code 1 where the gate is shut or the history must not be published.",
        epilog="examples:\n  scaffold publish ~/code/rulebook --dry-run\n"
        "  scaffold publish ~/code/rulebook\n"
        "  scaffold publish . --remote git@github.com:me/rulebook.git --yes",
    )
    command.add_argument("path", metavar="PATH", help="the project")
    command.add_argument(
        "--dry-run", action="store_true", help="show every step and command, and do none"
    )
    command.add_argument(
        "--remote", metavar="URL-or-path", help="push to this empty repository, make none"
    )
    command.add_argument("--yes", action="store_true", help="do not ask; it stays private")
    command.add_argument(
        "--unsandboxed", action="store_true", help="run it without the protection of a sandbox"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Decides the gate by the files, then by a run, then scans and publishes."""
    from pathlib import Path

    from scaffolder.journeys import publish as journey

    path, is_dry = Path(arguments.path), arguments.dry_run
    output.narrate(f"reading {arguments.path} ...")
    static = journey.gate(path)
    if static.shut:
        return _show_shut(static)
    where = journey.place(path, arguments.remote, is_dry or not _can_go_on(arguments))
    planned = journey.plan(path, static.report, where, is_dry or not _can_go_on(arguments))
    if is_dry:
        return _show_plan(static, planned)
    _refuse_unattended(arguments)
    tried = _tried(arguments, path)
    if tried.shut:
        return _show_shut(tried)
    _show_held(tried.held)
    if not arguments.yes and _improve(path, tried):
        return _SHUT
    scanned = journey.examine(planned, tried.report)
    return _publish(arguments, planned, scanned)


def _can_go_on(arguments: argparse.Namespace) -> bool:
    return arguments.yes or asking.can_ask()


def _refuse_unattended(arguments: argparse.Namespace) -> None:
    from scaffolder.errors import UsageError

    if not _can_go_on(arguments):
        raise UsageError(
            "the gate is open by the files, and there is nobody here to say yes to the rest",
            "Add --yes: it runs a copy of the project, and publishes it private.",
        )


def _tried(arguments: argparse.Namespace, path: Path) -> Gate:
    from scaffolder.journeys import publish as journey
    from scaffolder.journeys import tried

    planned = tried.plan(path, arguments.unsandboxed)
    consent = reviewing.agreed(planned, arguments.yes)
    return journey.tried_gate(path, consent, arguments.unsandboxed, output.narrate)


def _improve(path: Path, gate: Gate) -> bool:
    """Offers what the README lacks; whether something was written, which is to be committed."""
    from scaffolder.journeys import readme_offer

    offered, written = readme_offer.offer(path, gate.report), list[str]()
    if offered.section:
        output.tell("The README does not say what was not verified. This would:")
        output.say(clean(offered.section, 20_000, one_line=False))
        if offered.readme and asking.agrees(f"Add it to {offered.readme.name}?"):
            written.append(readme_offer.write_section(offered).name)
    if offered.badge and offered.readme:
        output.tell(f"A badge can name the level: {offered.badge}")
        if asking.agrees(f"Write {readme_offer.BADGE}, and show it in {offered.readme.name}?"):
            readme_offer.write_badge(path, offered, gate.report)
            written += [readme_offer.BADGE, offered.readme.name]
    if written:
        named = " and ".join(dict.fromkeys(written))
        output.tell(f"{named} changed. Commit it and publish again.")
    return bool(written)


def _publish(arguments: argparse.Namespace, planned: Plan, scanned: Scanned) -> int:
    from scaffolder.errors import Interrupted
    from scaffolder.journeys import publish as journey

    _show_scanned(scanned)
    _show_proposal(planned)
    if not arguments.yes and not asking.agrees(_question(planned)):
        raise Interrupted("stopped; nothing was made and nothing pushed.")
    done = journey.publish(planned, scanned, output.narrate)
    _show_done(planned, done)
    if done.made and done.made.private and not arguments.yes:
        output.tell(f"It is private. To make it public: {journey.opening(planned, done.made)}")
        if _wants_public(done.made.full_name):
            journey.make_public(planned, done)
            output.say(f"{done.made.full_name} is public.")
    return 0


def _wants_public(name: str) -> bool:
    """No answer is a no: all that was agreed to is done by then."""
    from scaffolder.errors import Interrupted

    try:
        return asking.agrees(f"Make {name} public, for everybody to read?")
    except Interrupted:
        return False


def _question(planned: Plan) -> str:
    commit = f"commit {planned.frozen.sha[:12]} and all before it"
    if planned.place.remote:
        return f"Push {commit} to {clean(planned.target, 300)}?"
    return f"Make {planned.target}, private, and push {commit} there?"


def _show_shut(gate: Gate) -> int:
    from scaffolder.review.model import count
    from scaffolder.review.render.wording import SAID, minutes

    output.say(f"Not published: {count(len(gate.shut), 'must')} in the way. Nothing was pushed.\n")
    for item in gate.shut:
        head = f"  {item.check.id}  "
        said = f"{SAID[item.status]}. {item.check.claim} {item.reason}"
        output.say(output.wrap_row(head, _cut(clean(said, 4000))))
    output.say("\nThe cheapest way forward, the least work first:")
    for item in gate.shut[:_NAMED]:
        fix = item.check.fix if item.evidence or not item.how_to_verify else item.how_to_verify
        said = f"{clean(fix, 400)} ({minutes(item.check.effort)})"
        output.say(output.wrap_row(f"  {item.check.id}  ", said))
    left = sum(item.check.effort for item in gate.shut)
    output.say(f"\nAll of it: about {minutes(left)}. Each in full: scaffold explain ID")
    _show_held(gate.held)
    return _SHUT


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition(" ")[0] + " ..."


def _show_held(held: Sequence[Item]) -> None:
    if held:
        output.tell("Not verified without a key or a model, which caps the level:")
        for item in held:
            output.tell(f"{item.check.id}: {item.check.claim}", "    ", "  ")


def _show_plan(gate: Gate, planned: Plan) -> int:
    """Every step, none of it done."""
    output.say("The gate is open by the files. This would be done, and none of it was:\n")
    _show_steps(planned)
    if gate.later:
        ids = ", ".join(i.check.id for i in gate.later)
        output.say(f"\n{output.wrap(f'Only the run decides these: {ids}.')}")
    _show_held(gate.held)
    return 0


def _show_steps(planned: Plan) -> None:
    width = max(len(step.name) for step in planned.steps) + 4
    for step in planned.steps:
        mark = " (done)" if step.state == "done" else ""
        output.say(f"  {step.name}".ljust(width + 2) + clean(step.command, 2000) + mark)
    if planned.frozen.note:
        output.say(f"\nnote: {planned.frozen.note}")


def _show_scanned(scanned: Scanned) -> None:
    from scaffolder.review.model import count

    objects, commits = count(scanned.objects, "object"), count(scanned.commits, "commit")
    output.tell(f"Scanned: {objects}, {commits} among them; no secret was found.")
    output.tell(f"Everybody will see these addresses: {', '.join(scanned.authors)}", "  ")
    for warning in scanned.warnings:
        output.tell(f"note: {warning}", "  ", "")
    for place in scanned.accepted[:_NAMED]:
        output.tell(f"note: {place.path}:{place.line} {place.text}; it was accepted", "  ", "")


def _show_proposal(planned: Plan) -> None:
    if planned.place.remote:
        return
    about = planned.about
    output.tell(f"Repository:  {planned.target}, private")
    output.tell(f"Description: {about.description or '(none)'}", "  ", "")
    output.tell(f"Topics:      {', '.join(about.topics) or '(none)'}", "  ", "")
    output.tell(f"Homepage:    {about.homepage or '(none)'}", "  ", "")


def _show_done(planned: Plan, done: Published) -> None:
    sha, branch = planned.frozen.sha[:12], planned.frozen.branch
    how = "was there already" if done.was_there else "is pushed, and was seen there"
    output.say(f"Commit {sha} {how}: {clean(done.address, 300)}, branch {clean(branch, 100)}")
