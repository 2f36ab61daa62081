"""A small open model that fills in a form: at each step only what the form allows can come.

Invariant: greedy, so the same conversation gives the same reply; a reply is always a JSON object
of the form. What two prompts begin with alike is read once and kept.
"""

import os
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..form import Form
from ..generating import Conversation, Generation
from ..settings import LocalConfig
from .weights import fetched

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Tokens = list[int]


@dataclass
class LocalModel:
    """Weights in memory, and the tokens it has read so far with what it keeps of them."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    read: Tokens = field(default_factory=list)
    kept: Any = None
    logits: Any = None

    def fill(self, turns: Conversation, form: Form, room: int) -> Generation:
        """A JSON object that keeps to the form, after at most `room` tokens of free text."""
        import torch

        started = time.perf_counter()
        with torch.inference_mode():
            prompt = self._tokens(self._rendered(turns))
            cached = self._begin(prompt)
            thoughts = self._think(room) if room else []
            written = self._write(form)
        text = str(self.tokenizer.decode(written))
        return Generation(
            text,
            str(self.tokenizer.decode(thoughts)).strip(),
            len(prompt) - cached,
            cached,
            len(thoughts) + len(written),
            time.perf_counter() - started,
        )

    def _rendered(self, turns: Conversation) -> str:
        shown = self.tokenizer.apply_chat_template(
            list(turns), tokenize=False, add_generation_prompt=True
        )
        return str(shown)

    def _tokens(self, text: str) -> Tokens:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _begin(self, prompt: Tokens) -> int:
        """Read a prompt; returns how many of its tokens were known from the one before."""
        same = 0
        while same < min(len(prompt) - 1, len(self.read)) and prompt[same] == self.read[same]:
            same += 1
        if beyond := len(self.read) - same:
            self.kept.crop(-beyond)
        self.read = self.read[:same]
        self._feed(prompt[same:])
        return same

    def _feed(self, tokens: Tokens) -> None:
        import torch

        if not tokens:
            return
        out = self.model(
            input_ids=torch.tensor([tokens]), past_key_values=self.kept, use_cache=True
        )
        self.kept, self.logits = out.past_key_values, out.logits[0, -1]
        self.read = [*self.read, *tokens]

    def _think(self, room: int) -> Tokens:
        """Free text up to its end or `room` tokens; a line break parts it from the record."""
        thoughts: Tokens = []
        while len(thoughts) < room:
            token = int(self.logits.argmax())
            if token == self.tokenizer.eos_token_id:
                break
            thoughts.append(token)
            self._feed([token])
        self._feed(self._tokens("\n"))
        return thoughts

    def _write(self, form: Form) -> Tokens:
        written: Tokens = []
        for place, (name, allowed) in enumerate(form):
            lead = self._tokens(("{" if place == 0 else " ") + f'"{name}": ')
            end = "}" if place == len(form) - 1 else ","
            self._feed(lead)
            written += [*lead, *self._choose([self._tokens(value + end) for value in allowed])]
        return written

    def _choose(self, options: Sequence[Tokens]) -> Tokens:
        """The option that greedy decoding ends at when every other token is forbidden.

        No option begins with another, because each ends in a mark that none has inside.
        """
        chosen: Tokens = []
        while True:
            left = [o for o in options if o[: len(chosen)] == chosen]
            if len(left) == 1:
                self._feed(left[0][len(chosen) :])
                return left[0]
            following = sorted({option[len(chosen)] for option in left})
            best = max(following, key=lambda token: float(self.logits[token]))
            chosen.append(best)
            self._feed([best])


def load(config: LocalConfig, root: Path) -> LocalModel:
    """The model of [local], from its verified file of weights. Raises ConfigError."""
    _quiet()
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = fetched(config, root, lambda line: None)
    where: dict[str, Any] = {"pretrained_model_name_or_path": place.parent}
    where |= {"gguf_file": place.name} if place.suffix == ".gguf" else {}
    tokenizer = AutoTokenizer.from_pretrained(**where)
    model = AutoModelForCausalLM.from_pretrained(**where)
    model.eval()
    return LocalModel(model, tokenizer)


def _quiet() -> None:
    """Bars and notices of the libraries off; what is worth saying is said by the commands."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # read where the libraries are imported
    from transformers.utils import logging

    logging.set_verbosity_error()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
