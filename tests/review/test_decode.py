"""Bytes become text, whatever they are."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.review.files.decode import decode
from scaffolder.sanitise import clean

POWERSHELL = "numpy==2.0\r\nopenai>=1\r\n"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (codecs.BOM_UTF8 + b"x", "x"),
        (codecs.BOM_UTF16_LE + POWERSHELL.encode("utf-16-le"), "numpy==2.0\nopenai>=1\n"),
        (codecs.BOM_UTF16_BE + POWERSHELL.encode("utf-16-be"), "numpy==2.0\nopenai>=1\n"),
        (codecs.BOM_UTF32_LE + "é".encode("utf-32-le"), "é"),
        (POWERSHELL.encode("utf-16-le"), "numpy==2.0\nopenai>=1\n"),
        (POWERSHELL.encode("utf-16-be"), "numpy==2.0\nopenai>=1\n"),
        ("café".encode("latin-1"), "café"),
        (b"# coding: rot13\nx = 1\n", "# coding: rot13\nx = 1\n"),
        (b"# coding: no-such-thing\n", "# coding: no-such-thing\n"),
        (b"", ""),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None),
        (b"a\0b", None),
        (bytes(range(128, 256)) + bytes(range(1, 9)) * 4, None),
    ],
)
def test_every_usual_encoding_is_read_and_nothing_else_taken_for_text(
    raw: bytes, text: str | None
) -> None:
    assert decode(raw) == text


def test_a_character_that_the_limit_cut_is_left_out() -> None:
    assert decode("naïve ☃".encode()[:-1], cut=True) == "naïve "
    assert decode("naïve ☃".encode()[:-1]) == "naïve ☃".encode()[:-1].decode("latin-1")


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    for text in (decode(raw), decode(raw, cut=True)):
        assert text is None or "\r" not in clean(text.replace("\n", ""))
        assert text is None or "\r" not in text


@given(st.text(st.characters(exclude_characters="\r\0\ufeff", exclude_categories=["Cs"])))
def test_utf8_is_read_as_it_is(text: str) -> None:
    assert decode(text.encode()) == text
