"""The judges that there are, by name, and their verdicts on labels."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import ConfigError
from ..evaluation.registry import Metric
from ..items import Item
from ..jsonl import read_objects, write_objects
from ..llm import client, provider
from ..llm.cost import BYTES_PER_TOKEN, budget_usd, worst_case
from ..prompting import load_prompt
from ..settings import Settings
from ..trace import Trace
from . import ORDER, Case, Judge, Judged, model, rule
from .kept import once
from .labels import Label, load_labels, of_split


@dataclass(frozen=True)
class Checked:
    """A judge's verdict beside a person's `label` on the same text."""

    id: str
    system: str
    metric: str
    split: str
    label: str
    verdict: str | None
    critique: str
    judge: str
    prompt: str
    model: str


def judge_of(
    name: str, metric: Metric, settings: Settings, trace: Trace, spend: client.Spend
) -> Judge:
    """The judge of one metric; ConfigError names the key that the model lacks."""
    if name == rule.NAME:
        return Judge(rule.NAME, rule.decide)
    if not client.key_is_set():
        raise ConfigError(
            f"the judge needs {provider.KEY_VARIABLE}, which is not set",
            'put it in .env, or set judge = "rule" under [judging]',
        )
    prompt = load_prompt(settings.root / metric.prompt)
    examples = of_split(load_labels(settings.labels, metric.name), "train")

    def decide(case: Case, order: tuple[str, ...]) -> Judged:
        asked = model.request_for(case, order, prompt, examples, settings)  # type: ignore[arg-type]
        told = [settings.llm.model, asked.system, settings.max_output_tokens, *order, asdict(case)]
        return once(told, settings, lambda: model.decide(asked, settings, trace, spend))

    return Judge("model", decide, prompt.name, settings.llm.model)


def worst_judging(
    items: Sequence[Item], metrics: Sequence[Metric], settings: Settings, rows: int
) -> float:
    """US dollars that a model's verdicts on `rows` rows of each item may cost at most.

    A reply is taken to be as long as one may be; verdicts that are kept cost nothing.
    """
    longest = "x" * BYTES_PER_TOKEN * settings.max_output_tokens
    total = 0.0
    for metric in (m for m in metrics if m.grader == "judge"):
        prompt = load_prompt(settings.root / metric.prompt)
        examples = of_split(load_labels(settings.labels, metric.name), "train")
        for item in items:
            case = Case(policy_of(settings), item.text, longest)
            asked = model.request_for(case, ORDER, prompt, examples, settings)
            total += rows * budget_usd(settings.llm.model, worst_case(asked))
    return total


def policy_of(settings: Settings) -> str:
    """What replies are held against."""
    path = settings.root / "data" / "policy.md"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def check(judge: Judge, labels: list[Label], policy: str) -> list[Checked]:
    """The judge's verdict on every label."""
    found = []
    for label in labels:
        said = judge.decide(Case(policy, label.message, label.reply), ORDER)
        found.append(
            Checked(
                label.id,
                label.system,
                label.metric,
                label.split,
                label.verdict,
                said.verdict,
                said.critique,
                judge.name,
                judge.prompt,
                said.model,
            )
        )
    return found


def write_checked(folder: Path, judge: str, rows: list[Checked]) -> Path:
    """Write the verdicts to `<folder>/<judge>.jsonl` and return that path."""
    path = folder / f"{judge}.jsonl"
    write_objects(path, map(asdict, rows))
    return path


def read_checked(path: Path) -> list[Checked]:
    """The verdicts that `write_checked` wrote; none where there is no file."""
    return [Checked(**row) for _, row in read_objects(path)]
