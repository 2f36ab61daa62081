"""What each system is asked: its prompt as the system turn, the message alone as the user turn.

Invariant: what the tuned model is asked in use is what it was trained on, because both come from
`tuned`. A message is never pasted into instructions.
"""

from collections.abc import Sequence
from pathlib import Path

from .items import Item
from .prompting import Prompt, load_prompt
from .record import canonical

Conversation = list[dict[str, str]]
PROMPTS = {"zero-shot": "zero", "best-prompt": "best", "few-shot": "best", "tuned": "tuned"}
API_PROMPT = "best"


def prompt_of(system: str, folder: Path) -> Prompt:
    """The prompt of a system; the API model has the best one. Raises ConfigError."""
    return load_prompt(folder / f"{PROMPTS.get(system, API_PROMPT)}.md")


def asked(prompt: Prompt, examples: Sequence[Item], text: str) -> Conversation:
    """System turn, each example as a user and an assistant turn, then the message."""
    turns = [{"role": "system", "content": prompt.text}]
    for item in examples:
        turns += answered(item)
    return [*turns, {"role": "user", "content": text}]


def tuned(prompt: Prompt, item: Item) -> Conversation:
    """A training row: the last turn is the one to learn."""
    return [{"role": "system", "content": prompt.text}, *answered(item)]


def answered(item: Item) -> Conversation:
    """A message and the record that answers it."""
    return [
        {"role": "user", "content": item.text},
        {"role": "assistant", "content": canonical(item.record)},
    ]
