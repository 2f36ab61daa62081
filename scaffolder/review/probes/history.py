"""History: whether the work was done in steps that somebody can follow."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

from scaffolder.review import templatelock
from scaffolder.review.cleanroom import Commit
from scaffolder.review.model import Evidence, Reading, count, no, partial, quote, unknown, yes
from scaffolder.review.view import RepoView

MANY = 8
"""Commits above which history counts as steps: a hiring list calls fewer than five a red flag
(REDF), and one session of work easily makes five."""

FEW = 4
"""Commits up to which there are no steps at all (REDF: under five)."""

DUMP = 0.7
"""Share of all added lines in one commit from which on it is an upload and not a step."""

SKEW = timedelta(hours=1)
"""How far two honest clocks may differ."""

_NEVER = datetime(1970, 1, 2, tzinfo=UTC)
_DATA_ENDS = (
    *(".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".lock", ".xml", ".svg", ".txt", ".pdf"),
    *(".srt", ".vtt", ".geojson", ".bib"),
)
_LOCKS = {"package-lock.json", "pnpm-lock.yaml", "go.sum", "npm-shrinkwrap.json"}
_CODE_ENDS = (".py", ".ipynb", ".js", ".ts", ".tsx", ".jsx", ".java", ".go", ".rs", ".sh", ".sql")
_DATA_FOLDER = re.compile(
    r"(?:^|/)(?:data|datasets?|corpus|corpora|documents|raw|knowledge(?:[_-]base)?|fixtures|results?"
    r"|runs|outputs?|vendor|third_party|node_modules)/",
    re.I,
)
"""Where lines lie that nobody typed: a learner who commits a corpus uploads no work of others."""

_FULL = "Fetch the whole history (git fetch --unshallow) and review again."
_BOT = re.compile(r"\[bot\]|dependabot|renovate|github-actions|pre-commit-ci", re.I)
_EMPTY_WORDS = re.compile(
    r"(?:(?:initial|first|minor|small|more|final|some|new|another|big)\s+)?(?:update[sd]?|fix(?:e[sd])?"
    r"|wip|commit|change[sd]?|changes|test|stuff|work|done|misc|temp|save|asdf|push|init|edit|tweaks?"
    r"|add files via upload|(?:update|create|delete|rename|edit)\s+\S+|\.|-)[\s.!\d]*",
    re.I,
)


def in_steps(view: RepoView) -> Reading:
    """More than eight commits of the author's own over a day or more."""
    gone = _unavailable(view)
    if gone:
        return gone
    own = _own(view)
    if not own:
        return no("No commit of the author's own touches this folder.")
    odd = _misdated(view)
    dates = [c.when for c in own if c.id not in odd] or [own[0].when]
    days = (max(dates) - min(dates)).days
    ends = (_place(own[-1]), _place(own[0]))
    span = f"over {count(days, 'day')}" if days else "within a day"
    said = f"{_whose(own)} {span}."
    misdated = sum(c.id in odd for c in own)
    if misdated:
        dated = count(misdated, "commit is", "commits are")
        said += f" Not counted as days: {dated} dated before what came first, or in the future."
    if len(own) > MANY and days:
        return yes(said, *ends)
    if len(own) <= FEW:
        return no(f"Only {said}", *ends)
    if len(own) > MANY:
        return partial(f"{said} Steps show where they span a day or more.", *ends)
    return partial(f"Only {said} More than {MANY} over a day or more show steps.", *ends)


def no_dump(view: RepoView) -> Reading:
    """No commit holds more than seven tenths of the lines that were ever added, data left out."""
    gone = _unavailable(view)
    if gone:
        return gone
    added = view.git.added_lines(_is_work)
    if added is not None and not any(added.values()):
        added = view.git.added_lines()
    if added is None:
        return unknown(
            "The history is too long to count its lines.", "Count them: git log --numstat."
        )
    own = _own(view)
    counts = {c.id: added.get(c.id, 0) for c in own}
    total = sum(counts.values())
    if not total:
        return no("The commits add no line.")
    largest = max(own, key=lambda c: counts[c.id])
    share = counts[largest.id] / total
    said = f"The largest commit adds {share:.0%} of the lines that were added, data left out."
    return no(said, _place(largest)) if share > DUMP else yes(said, _place(largest))


def messages(view: RepoView) -> Reading:
    """Messages differ, and say what changed."""
    gone = _unavailable(view)
    if gone:
        return gone
    own = _own(view)
    subjects = [_subject(c) for c in own]
    counted = Counter(s.lower() for s in subjects)
    empty = [c for c in own if _EMPTY_WORDS.fullmatch(_subject(c)[:200])]
    if not own or (len(counted) == 1 and len(own) > 1) or len(empty) == len(own):
        return no("No commit message says what changed.", *map(_place, own[:3]))
    if 2 * len(empty) > len(own):
        return partial(
            f"Of {count(len(own), 'commit message')} {len(empty)} "
            f"{'does' if len(empty) == 1 else 'do'} not say what changed.",
            *map(_place, empty[:3]),
        )
    if 2 * len(counted) < len(own):
        return partial("Most commit messages repeat each other.", *map(_place, own[:3]))
    said = [c for c in own if c not in empty]
    return yes(
        f"What changed is said by {len(said)} of {count(len(own), 'commit message')}.",
        *map(_place, said[:3]),
    )


def _unavailable(view: RepoView) -> Reading | None:
    if not view.history.available:
        return no("There is no git history: the folder is not a repository.")
    if not view.history.complete:
        return unknown("Only part of the history is here.", _FULL)
    return None


def _own(view: RepoView) -> list[Commit]:
    """Commits of people, newest first, without merges and without the generator's own first."""
    commits = list(view.history.commits)
    if templatelock.recorded(view):
        commits = commits[:-1]
    return [c for c in commits if c.parents < 2 and not _BOT.search(c.author[:200])]


def _whose(own: list[Commit]) -> str:
    authors = len({c.author.strip().casefold() for c in own})
    commits = count(len(own), "commit")
    return f"{commits} of the author's own" if authors == 1 else f"{commits} by {authors} authors"


def _misdated(view: RepoView) -> set[str]:
    """Commits with a date in the future, or before that of one that they build on."""
    now = datetime.now(UTC) + SKEW
    latest: dict[str, datetime] = {}
    found: set[str] = set()
    for commit in reversed(view.history.commits):
        reached = max((latest[b] for b in commit.before if b in latest), default=_NEVER)
        if commit.when > now or commit.when < reached - SKEW:
            found.add(commit.id)
        latest[commit.id] = reached if commit.id in found else max(reached, commit.when)
    return found


def _is_work(path: str) -> bool:
    """Whether the lines of a path are written by its author: no data, no lock, no result rows."""
    name = path.rpartition("/")[2].lower()
    if name.endswith(_DATA_ENDS) or name in _LOCKS:
        return False
    return name.endswith(_CODE_ENDS) or not _DATA_FOLDER.search(path[:1000])


def _subject(commit: Commit) -> str:
    return commit.message.strip().split("\n")[0][:200].strip()


def _place(commit: Commit) -> Evidence:
    text = f"{commit.id[:12]} {commit.when:%Y-%m-%d} {_subject(commit)}"
    return quote(".git", None, text)
