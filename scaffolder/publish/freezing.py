"""Says which commits are published, or why none can be.

Invariant: what was reviewed is what is pushed: a tree with uncommitted changes, a history that is
not whole and a folder inside of another repository are refused.
"""

import re

from scaffolder.publish.model import Frozen, Refused
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

DEFAULT_BRANCH = "main"
_NAMED = 3
_BRANCH = re.compile(r"[A-Za-z0-9_][\w./+@-]{0,200}")


def freeze(view: RepoView) -> Frozen:
    """The commit at HEAD and the name of its branch; Refused with the way forward."""
    where, history = clean(str(view.root), 300), view.history
    if not history.available:
        raise Refused(
            f"{where} cannot be published: {history.note}",
            "Run there: git init -b main, git add -A, git commit -m 'First commit'.",
        )
    if history.prefix:
        raise _inside(view)
    if not history.head:
        raise Refused(f"{where} has no commits: {history.note}", "Commit what is to be published.")
    _refuse_gaps(view)
    _refuse_changes(view)
    ours = frozenset(c.id for c in history.commits)
    if history.branch is None:
        note = f"HEAD is on no branch: commit {history.head[:12]} is pushed as {DEFAULT_BRANCH}"
        return Frozen(str(view.root), history.head, DEFAULT_BRANCH, ours, note)
    return Frozen(str(view.root), history.head, _branch(history.branch), ours)


def _inside(view: RepoView) -> Refused:
    prefix = clean(view.history.prefix.rstrip("/"), 200)
    return Refused(
        f"{clean(str(view.root), 300)} is a folder of a larger repository, and a push would take "
        "all of that along",
        f"From its top: git subtree split --prefix={prefix} -b alone. Then: "
        "git clone -b alone . ../alone, and publish ../alone.",
    )


def _refuse_gaps(view: RepoView) -> None:
    gaps = view.history.gaps
    if any(g.path == ".git/shallow" for g in gaps):
        raise Refused(
            f"this clone is shallow: {next(g.reason for g in gaps if g.path == '.git/shallow')}",
            "Run: git fetch --unshallow. Then publish it again.",
        )
    if gaps:
        named = "; ".join(f"{clean(g.path, 80)}: {g.reason}" for g in gaps[:_NAMED])
        raise Refused(
            f"the history is not whole, so it cannot be searched for secrets: {named}",
            "Clone it anew and in full, and publish the clone.",
        )


def _refuse_changes(view: RepoView) -> None:
    """Uncommitted work was reviewed and would not be pushed."""
    history = view.history
    if history.dirty is False and not history.untracked:
        return
    left = history.untracked
    named = ", ".join(clean(p, 80) for p in left[:_NAMED]) + (", ..." if left[_NAMED:] else "")
    what = f"files that git does not know: {named}" if left else "changes that are not committed"
    raise Refused(
        f"there are {what}; only commits are published",
        "Commit first, or put what is not to be published into .gitignore.",
    )


def _branch(name: str) -> str:
    """The branch as a reference that every host takes."""
    if not _BRANCH.fullmatch(name) or ".." in name or name.endswith((".lock", "/", ".")):
        raise Refused(
            f"the branch {clean(name, 80)!r} has a name that cannot be pushed safely",
            "Rename it: git branch -m main",
        )
    return name
