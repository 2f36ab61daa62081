"""The golden set, what is measured on it, and what is published.

Here only the words that a question's `split` and `slice` may be, for whoever needs no more.
"""

SPLITS = ("dev", "test")
OUTSIDE = "out-of-corpus"
ANSWERABLE = ("exact-name", "everyday-words", "two-passages", "ambiguous")
SLICES = (*ANSWERABLE, OUTSIDE)
