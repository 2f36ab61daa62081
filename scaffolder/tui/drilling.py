"""What is drilled on the screen: of which skill and project, which kind, which question now.

Invariant: knows no widget. Order, return and keeping are the journeys'; here is only where one is.
"""

from dataclasses import dataclass, field
from pathlib import Path

from scaffolder.journeys import drill
from scaffolder.journeys.defend import Defence
from scaffolder.journeys.drill import Asked, Drill, Round

INTERVIEW, DESIGN, REPOSITORY = "interview", "design", "repository"


@dataclass
class Drilling:
    """`at` is the question that is asked, `compared` whether its strong answer is shown.

    `drills` and `rounds` are by kind, `drafts` what was typed by question; `wanted` narrows.
    """

    slug: str = ""
    project: Path | None = None
    kind: str = INTERVIEW
    drills: dict[str, Drill] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)
    defence: Defence | None = None
    at: Asked | None = None
    compared: bool = False
    drafts: dict[str, str] = field(default_factory=dict)
    wanted: str = ""

    def take(self, slug: str, project: Path | None) -> None:
        """Another skill or project: everything from its beginning."""
        self.slug, self.project, self.defence = slug, project, None
        self.drills = {INTERVIEW: drill.interview(slug), DESIGN: drill.design(slug)}
        self.rounds = {}

    def take_defence(self, found: Defence) -> bool:
        """The questions of the project; whether they are others than before."""
        same = self.defence is not None and found.seen == self.defence.seen
        if not same:
            self.defence, self.drills[REPOSITORY] = found, found.drill
            self.rounds.pop(REPOSITORY, None)
        return not same

    @property
    def known(self) -> Drill | None:
        """The questions of this kind, as far as there are any yet."""
        return self.drills.get(self.kind)

    @property
    def round(self) -> Round:
        """The round of this kind."""
        return self.rounds.get(self.kind, Round(()))

    def begin(self) -> None:
        """To the first question, in the order in which they come now."""
        if self.known is not None:
            again = drill.planned(self.known.about, self.known.questions)
            self.drills[self.kind] = again
            if not self.round.queue:
                self.rounds[self.kind] = Round(again.questions)
        listed = self.listed()
        self.ask(listed[0] if listed else None)

    def listed(self) -> list[Asked]:
        """The questions of this kind that hold what is wanted."""
        questions = self.known.questions if self.known else ()
        return [q for q in questions if self.wanted in f"{q.title} {q.ask}".casefold()]

    def want(self, wanted: str) -> None:
        """Narrows the list; the question that is asked stays where it is among them."""
        self.wanted = wanted
        listed = self.listed()
        if self.at not in listed:
            self.ask(listed[0] if listed else None)

    def ask(self, asked: Asked | None) -> None:
        """Another question, its strong answer hidden."""
        self.at, self.compared = asked, False

    def step(self, step: int) -> None:
        """The next of the list, rated or not; after the last one the first again."""
        listed = self.listed()
        if self.at is None or self.at not in listed:
            self.begin()
        else:
            self.ask(listed[(listed.index(self.at) + step) % len(listed)])

    def rate(self, rating: str) -> tuple[str, ...]:
        """Keeps how the answer held, goes on; what the user has to be told."""
        if self.at is None or self.known is None:
            return ()
        self.drafts.pop(self.at.id, None)
        rated = drill.rate(self.known, self.at, rating)
        self.drills[self.kind] = rated
        after = self.round.after(self.at, rating)
        self.rounds[self.kind] = after
        self.ask(after.queue[0] if after.queue else None)
        return rated.notices
