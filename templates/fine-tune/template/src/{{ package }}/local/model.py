"""The base model, with or without an adapter, and its replies: greedy, in batches.

Invariant: a conversation is rendered by the chat template that came with the weights, the same
for training, scoring and serving; the same conversation gives the same reply.
"""

import hashlib
import os
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..conversations import Conversation
from ..generating import Generation
from ..training.config import TrainConfig
from .weights import fetched

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class LocalModel:
    """Weights in memory with the tokenizer that belongs to them."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"

    def generate(
        self, conversations: Sequence[Conversation], max_new_tokens: int
    ) -> list[Generation]:
        """One reply a conversation, in their order, all in one batch."""
        import torch

        started = time.perf_counter()
        batch = self.tokenizer(
            [rendered(self.tokenizer, each) for each in conversations],
            return_tensors="pt",
            padding=True,
            add_special_tokens=False,
        )
        with torch.inference_mode():
            out: Any = self.model.generate(
                **batch,
                max_new_tokens=max_new_tokens,
                do_sample=False,
                pad_token_id=self.tokenizer.pad_token_id,
            )
        seconds = (time.perf_counter() - started) / len(conversations)
        width = batch["input_ids"].shape[1]
        read = batch["attention_mask"].sum(dim=1).tolist()
        replies = zip(out[:, width:].tolist(), read, strict=True)
        return [self._generation(reply, length, seconds) for reply, length in replies]

    def _generation(self, reply: list[int], read: int, seconds: float) -> Generation:
        end = self.tokenizer.eos_token_id
        finished = end in reply
        written = reply[: reply.index(end)] if finished else reply
        text = str(self.tokenizer.decode(written, skip_special_tokens=True))
        return Generation(text, read, len(written) + finished, seconds, finished)


def load(config: TrainConfig, adapter: Path | None, merged: bool = True) -> LocalModel:
    """The base model, with an adapter unless that is None: merged into it, or beside it."""
    model, tokenizer = base(config)
    if adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, adapter)
        model = model.merge_and_unload() if merged else model
    model.eval()
    return LocalModel(model, tokenizer)


def base(config: TrainConfig) -> "tuple[Any, PreTrainedTokenizerBase]":
    """The base model and its tokenizer, padded on the left as generation wants it."""
    _quiet()
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = fetched(config, print_nothing)
    gguf = place.suffix == ".gguf"
    where: dict[str, Any] = {"pretrained_model_name_or_path": place.parent}
    where |= {"gguf_file": place.name} if gguf else {}
    tokenizer = AutoTokenizer.from_pretrained(**where)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id == tokenizer.eos_token_id:
        tokenizer.pad_token = tokenizer.unk_token or "<|endoftext|>"
    model = AutoModelForCausalLM.from_pretrained(**where)
    if gguf:
        # The file is read into ordinary weights; what says "quantised" would forbid training them.
        model.is_quantized, model.hf_quantizer = False, None
        del model.config.quantization_config
    return model, tokenizer


def rendered(tokenizer: "PreTrainedTokenizerBase", turns: Conversation) -> str:
    """A conversation up to where the reply begins."""
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))


def template_hash(tokenizer: "PreTrainedTokenizerBase") -> str:
    """The fingerprint of the chat template, which training and serving have to share."""
    return hashlib.sha256(str(tokenizer.chat_template).encode()).hexdigest()[:12]


def _quiet() -> None:
    """Bars and notices of the libraries off; what is worth saying is said by the commands."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # read where the libraries are imported
    from transformers.utils import logging

    logging.set_verbosity_error()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    warnings.filterwarnings("ignore", message="Could not find a config file", module="peft")


def print_nothing(_: str) -> None:
    """For callers that tell nobody."""
