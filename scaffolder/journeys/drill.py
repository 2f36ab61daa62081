"""Questions to answer aloud: which ones there are, in which order, and which come back.

Invariant: what was answered is never seen here, only how the learner says it held. A question is
known by what it asks, so that a change of its words makes it a new one and touches no other.
"""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scaffolder import notebook, skills
from scaffolder.errors import UsageError
from scaffolder.journeys import study
from scaffolder.paths import absolute
from scaffolder.review.model import Evidence
from scaffolder.sanitise import clean

MISSED, PARTLY, STRONG = notebook.RATINGS
NEVER = "never asked"

GAP = 3
"""How many other questions come before a missed one is asked again."""

_ORDER = {MISSED: 0, PARTLY: 1, NEVER: 2, STRONG: 3}
_ORIGINS = {
    "reported": "reported from interviews",
    "constructed": "constructed from reported ones",
}


@dataclass(frozen=True)
class Part:
    """A piece of a strong answer: a heading ("" for none), paragraphs, places that show it."""

    about: str
    points: tuple[str, ...]
    places: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question; `note` says where it is from, `quoted` what of a repository prompted it."""

    id: str
    title: str
    ask: str
    strong: tuple[Part, ...]
    note: str = ""
    quoted: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Round:
    """One sitting: what is still to be asked, in order, and how each question went at last."""

    queue: tuple[Asked, ...]
    rated: Mapping[str, str] = field(default_factory=dict)

    def after(self, asked: Asked, rating: str) -> "Round":
        """The round when `asked` was rated: a missed one comes again, after some others.

        What stands before it was passed over, and goes to the end.
        """
        ids = [other.id for other in self.queue]
        at = ids.index(asked.id) if asked.id in ids else -1
        queue = [*self.queue[at + 1 :], *self.queue[: max(at, 0)]]
        if rating == MISSED:
            queue.insert(GAP, asked)
        return Round(tuple(queue), {**self.rated, asked.id: rating})

    @property
    def weak(self) -> list[str]:
        """The ids of what did not hold, the worst first."""
        return sorted((q for q, r in self.rated.items() if r != STRONG), key=self._worst)

    def _worst(self, question: str) -> int:
        return _ORDER[self.rated[question]]


@dataclass(frozen=True)
class Drill:
    """What one drills: the questions in the order of `plan`, and the ratings so far."""

    about: str
    questions: tuple[Asked, ...]
    ratings: Mapping[str, Sequence[str]]
    notices: tuple[str, ...] = ()

    def last(self, asked: Asked) -> str:
        """How it went the last time."""
        return last(self.ratings, asked)

    def count(self, rating: str) -> int:
        """How many went that way the last time."""
        return sum(self.last(asked) == rating for asked in self.questions)


def interview(slug: str) -> Drill:
    """The interview questions of a skill."""
    skill = skills.find(slug)
    return planned(skill.title, [_interview(slug, question) for question in skill.questions])


def design(slug: str) -> Drill:
    """The design prompts that belong to a skill."""
    skill, data = skills.find(slug), skills.design_prompts()
    mine = [_design(prompt, data.prices) for prompt in data.prompts if slug in prompt.skills]
    return planned(skill.title, mine)


def planned(about: str, questions: Sequence[Asked]) -> Drill:
    """The questions in their order, by what was rated so far."""
    kept = notebook.load()
    return Drill(about, tuple(plan(questions, kept.ratings)), kept.ratings, kept.notices)


def plan(questions: Sequence[Asked], ratings: Mapping[str, Sequence[str]]) -> list[Asked]:
    """The order to ask in: missed, partly held, never asked, strong.

    Those that were asked come oldest rating first (the order of `ratings`), the others as given.
    """
    turn = {question: number for number, question in enumerate(ratings)}
    return sorted(questions, key=lambda q: (_ORDER[last(ratings, q)], turn.get(q.id, 0)))


def last(ratings: Mapping[str, Sequence[str]], asked: Asked) -> str:
    """The last rating of a question, or that it was never asked."""
    rated = ratings.get(asked.id)
    return rated[-1] if rated else NEVER


def rate(drill: Drill, asked: Asked, rating: str) -> Drill:
    """Keeps a rating at once; the drill with it, and what the user has to be told."""
    notices = notebook.rate(asked.id, rating)
    others = {k: v for k, v in drill.ratings.items() if k != asked.id}
    rated = [*drill.ratings.get(asked.id, ()), rating]
    return replace(drill, ratings={**others, asked.id: rated}, notices=notices)


def default_skill() -> str:
    """The skill that is built or studied, else the first of the sequence."""
    found, _ = study.standings(look=False)
    return found[0].skill.slug if found else skills.load()[0].slug


def meant(word: str) -> str | Path:
    """The slug or the folder that `word` names; UsageError that names the nearest otherwise."""
    known = [skill.slug for skill in skills.load()]
    if not word:
        return default_skill()
    if word in known:
        return word
    folder = absolute(Path(word))
    if folder.is_dir():
        return folder
    if folder.exists():
        raise UsageError(f"{folder} is not a folder", "Name the folder that it is in.")
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    nearest = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(
        f"there is no skill and no folder {clean(word, 80)!r}.{nearest}",
        f"The skills are: {', '.join(known)}; or name a folder with a project.",
    )


def question_id(scope: str, ask: str) -> str:
    """A name that stays while the question is worded the same."""
    words = " ".join(ask.split()).encode("utf-8", "surrogatepass")
    return f"{scope}:{hashlib.sha256(words).hexdigest()[:16]}"


def worked(given: skills.Sum, prices: skills.Prices) -> str:
    """A sum as one would write it: prices filled in, the results before it by name."""
    known = {f"{k}_{w}": v for k, m in prices.models.items() for w, v in m.items()}

    def shown(match: re.Match[str]) -> str:
        word = match[0]
        if word in known:
            return f"${known[word]}"
        return word if word[0].isalpha() else f"{float(word):,.10g}"

    text = re.sub(r"[A-Za-z]\w*|\d+(?:\.\d+)?(?:e\d+)?", shown, given.sum)
    return text.replace("**", "^").replace(" * ", " \N{MULTIPLICATION SIGN} ").replace(" / ", " ÷ ")


def _interview(slug: str, question: skills.InterviewQuestion) -> Asked:
    return Asked(
        question_id(slug, question.ask),
        question.ask,
        question.ask,
        (Part("", (question.strong,)),),
        _ORIGINS.get(question.origin, question.origin),
    )


def _design(prompt: skills.DesignPrompt, prices: skills.Prices) -> Asked:
    return Asked(
        question_id("design", prompt.ask),
        prompt.title,
        prompt.ask,
        tuple(_covered(prompt, prices)),
        "a system to design on paper, 35 minutes",
    )


def _covered(prompt: skills.DesignPrompt, prices: skills.Prices) -> Iterator[Part]:
    for aspect in prompt.cover:
        yield Part(aspect.about, tuple(aspect.points))
    sums = tuple(f"{s.what}: {s.gives} = {worked(s, prices)}" for s in prompt.sums)
    yield Part("The sums", sums)
    yield Part("Assumed beyond the scenario", tuple(prompt.assumed))
    used = [m for k, m in prices.models.items() if any(f"{k}_" in s.sum for s in prompt.sums)]
    yield Part(f"Prices of {prices.checked}, in {prices.unit}", (*map(_price, used), prices.source))


def _price(model: Mapping[str, str]) -> str:
    return f"{model['model']}: ${model['in']} in, ${model['cached']} cached, ${model['out']} out"
