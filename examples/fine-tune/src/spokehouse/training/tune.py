"""One tune: LoRA on all linear layers of the base, loss on the record alone, resumable.

Invariant: a run is named by what it is made from (training.toml, data, prompt), so that the same
inputs go on where a killed run stopped, and other inputs never touch it.
"""

import hashlib
import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..conversations import prompt_of, tuned
from ..errors import UsageError
from ..items import Item
from ..local.model import base, template_hash
from .config import TrainConfig

PACKAGES = ("torch", "transformers", "peft", "trl")
SMOKE_STEPS = 12
FEW_STEPS = 20
ELAPSED = "seconds.txt"
Tell = Callable[[str], None]


def run_name(config: TrainConfig, rows: Sequence[Item], kind: str = "tune") -> str:
    """The name of the run that these inputs make."""
    prompt = prompt_of("tuned", config.root / "prompts").text
    settings = {name: asdict(getattr(config, name)) for name in ("base", "adapter", "train")}
    content = json.dumps([settings, prompt, [[r.text, asdict(r.record)] for r in rows]])
    return f"{kind}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def trainer_of(config: TrainConfig, rows: Sequence[Item], folder: Path, steps: int = -1) -> Any:
    """A trainer over the rows; UsageError for a row that is longer than the limit."""
    model, tokenizer = base(config)
    from peft import LoraConfig
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    tokenizer.padding_side = "right"
    lora = LoraConfig(
        r=config.adapter.rank,
        lora_alpha=config.adapter.alpha,
        lora_dropout=config.adapter.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    arguments = SFTConfig(**_arguments(config, folder, len(rows), steps))
    made = SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=dataset(config, rows),
        processing_class=tokenizer,
        peft_config=lora,
    )
    made.remove_callback(PrinterCallback)  # stdout is for the result
    _check_lengths(made.train_dataset, rows, config.train.longest_tokens)
    return made


def dataset(config: TrainConfig, rows: Sequence[Item]) -> Any:
    """Rows as the trainer takes them: the last turn is the completion, the only one with loss."""
    from datasets import Dataset

    prompt = prompt_of("tuned", config.root / "prompts")
    turns = [tuned(prompt, row) for row in rows]
    return Dataset.from_list([{"prompt": t[:-1], "completion": t[-1:]} for t in turns])


def tune(
    config: TrainConfig, rows: Sequence[Item], folder: Path, tell: Tell, steps: int = -1
) -> dict[str, Any]:
    """Train into `folder`: adapter/ and meta.json, which is returned. Goes on from a checkpoint."""
    trainer = trainer_of(config, rows, folder, steps)
    checkpoint = latest(folder)
    if checkpoint:
        tell(f"going on from {checkpoint.name}")
    clock = Clock(time.monotonic() - _elapsed(checkpoint))
    trainer.add_callback(_telling(tell, clock))
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = clock.seconds()
    trainer.save_model(str(folder / "adapter"))
    meta = _record(config, rows, trainer, seconds, checkpoint)
    meta["adapter_sha256"] = _hash(folder / "adapter" / "adapter_model.safetensors")
    (folder / "meta.json").write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")
    return meta


@dataclass(frozen=True)
class Clock:
    """The time in training, that before a kill included."""

    begin: float

    def seconds(self) -> float:
        return time.monotonic() - self.begin


def latest(folder: Path) -> Path | None:
    """The newest whole checkpoint of a run that did not end; its clock is what is written last."""
    found = [path for path in folder.glob("checkpoint-*") if (path / ELAPSED).exists()]
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _elapsed(checkpoint: Path | None) -> float:
    return float((checkpoint / ELAPSED).read_text()) if checkpoint else 0.0


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _arguments(config: TrainConfig, folder: Path, rows: int, steps: int) -> dict[str, Any]:
    train = config.train
    whole = -(-rows // train.batch) * train.epochs if steps < 0 else steps
    return {
        "output_dir": str(folder),
        "per_device_train_batch_size": train.batch,
        "num_train_epochs": train.epochs,
        "max_steps": steps,
        "learning_rate": train.learning_rate,
        "warmup_steps": round(train.warmup_share * whole),
        "lr_scheduler_type": "cosine",
        "logging_steps": 5 if whole >= FEW_STEPS else 1,
        "save_steps": train.save_every,
        "save_total_limit": 2,
        "seed": train.seed,
        "data_seed": train.seed,
        "max_length": None,
        "completion_only_loss": True,
        "include_num_input_tokens_seen": "non_padding",
        "report_to": "none",
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
    }


def _check_lengths(seen: Any, rows: Sequence[Item], longest: int) -> None:
    for row, one in zip(rows, seen, strict=True):
        if len(one["input_ids"]) > longest:
            raise UsageError(
                f"{row.id} has {len(one['input_ids'])} tokens, more than longest_tokens {longest}",
                "shorten it, or raise [train] longest_tokens: no row is cut in silence",
            )


def _telling(tell: Tell, clock: Clock) -> Any:
    from transformers import TrainerCallback

    class Telling(TrainerCallback):  # type: ignore[misc]
        """Says how far it is, and leaves the time with each checkpoint."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if logs and "loss" in logs:
                tell(progress(state.global_step, state.max_steps, logs["loss"], clock.seconds()))

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            place = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            (place / ELAPSED).write_text(f"{clock.seconds():.1f}\n", encoding="utf-8")

    return Telling()


def progress(step: int, steps: int, loss: float | str, seconds: float) -> str:
    """How far a tune is, and how long it will take at the pace until now."""
    left = seconds / step * (steps - step)
    return f"step {step} of {steps}, loss {float(loss):.3f}, about {left / 60:.0f} min left"


def _record(
    config: TrainConfig,
    rows: Sequence[Item],
    trainer: Any,
    seconds: float,
    checkpoint: Path | None,
) -> dict[str, Any]:
    """What anybody needs to make the run again, and what it took."""
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {
        "base": asdict(config.base),
        "adapter": asdict(config.adapter),
        "train": asdict(config.train),
        "prompt": prompt_of("tuned", config.root / "prompts").name,
        "chat_template_sha256": template_hash(trainer.processing_class),
        "data_sha256": hashlib.sha256(
            "".join(row.fingerprint for row in rows).encode()
        ).hexdigest(),
        "rows": len(rows),
        "tokens": trainer.state.num_input_tokens_seen,
        "steps": trainer.state.global_step,
        "loss_first": losses[0] if losses else None,
        "loss_last": losses[-1] if losses else None,
        "seconds": round(seconds, 1),
        "resumed": checkpoint is not None,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {_cores()} cores, {platform.system()}",
        "versions": {name: version(name) for name in PACKAGES},
        "trained_parameters": sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
    }


def _cores() -> int:
    import torch

    return int(torch.get_num_threads())
