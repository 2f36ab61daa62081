"""The golden set, what is measured on it, and what is published.

Here only the words that a question's `split` and `slice` may be, for whoever needs no more.
"""

SPLITS = ("dev", "test")
OUTSIDE = "not-in-corpus"
ANSWERABLE = (
    "shared-wording",
    "paraphrase",
    "two-passages",
    "superseded",
    "identifier",
    "ambiguous",
)
SLICES = (*ANSWERABLE, OUTSIDE)
