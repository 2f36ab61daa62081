"""What every command returns: one shape, whether it is printed for a person or as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["answered", "refused", "needs_human", "degraded", "budget_exceeded", "failed"]


@dataclass(frozen=True)
class Usage:
    """Tokens of one or more model calls; `input_tokens` are the fresh ones, without the cached."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True)
class Citation:
    """`quote` is the exact wording in the passage `chunk_id` of the document `source`."""

    source: str
    chunk_id: str
    quote: str


@dataclass(frozen=True)
class Result:
    """`cost_usd` is None where the price is unknown; `detail` holds a command's own keys."""

    status: Status
    message: str
    answer: str | None = None
    citations: tuple[Citation, ...] = ()
    usage: Usage = Usage()
    cost_usd: float | None = 0.0
    steps: int = 0
    trace: str | None = None
    system: str = "baseline"
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line of ASCII JSON; `detail` is merged in and cannot replace a key of the contract.

        Raises ValueError for NaN or infinity, which JSON does not have.
        """
        fields = asdict(self)
        detail = fields.pop("detail")
        return json.dumps({**fields, **detail, **fields}, allow_nan=False)
