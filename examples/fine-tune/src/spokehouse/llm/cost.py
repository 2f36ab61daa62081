"""Costs come from the dated table of `genai-prices`; a model that is not in it has no cost.

An unknown cost is None, never 0. The only figures here serve the budget and are never reported.
"""

from ..result import Usage
from .types import Request

# English prose has about four bytes to a token and other scripts about three, so a third of the
# bytes is above the count. Long ids can pass it a little; the true usage then settles the total.
BYTES_PER_TOKEN = 3

# Dollars per token where the price is unknown: those of the dearest current model of the three
# providers outside their "pro" and special-access lines (genai-prices 0.2.3), so that the cap errs
# towards stopping early.
ASSUMED_INPUT_USD = 20 / 1_000_000
ASSUMED_OUTPUT_USD = 75 / 1_000_000


def cost_usd(model: str, usage: Usage) -> float | None:
    """List price of `usage` in US dollars, or None if `genai-prices` does not know the model."""
    from genai_prices import Usage as Priced
    from genai_prices import calc_price

    priced = Priced(
        input_tokens=usage.input_tokens + usage.cached_tokens,
        cache_read_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        return float(calc_price(priced, model).total_price)
    except LookupError:
        return None


def budget_usd(model: str, usage: Usage) -> float:
    """What `usage` takes from a budget: its price, or the assumed one where that is unknown."""
    known = cost_usd(model, usage)
    if known is not None:
        return known
    read = usage.input_tokens + usage.cached_tokens
    return read * ASSUMED_INPUT_USD + usage.output_tokens * ASSUMED_OUTPUT_USD


def worst_case(request: Request) -> Usage:
    """The most one attempt is expected to use: nothing cached, every output token spent."""
    read = sum(len(text.encode("utf-8", "replace")) for text in request.texts)
    return Usage(input_tokens=read // BYTES_PER_TOKEN + 1, output_tokens=request.max_output_tokens)
