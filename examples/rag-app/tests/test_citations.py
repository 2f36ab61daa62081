"""What a model says is shown only as far as a retrieved passage carries it."""

import pytest
from small_corpus import hit

from pytopics.citations import (
    find_quote,
    has_address,
    supported,
    verify,
    without_links,
)
from pytopics.result import Citation

PASSAGE = "You get 16 weeks\nof leave on full pay. Each “block” takes four weeks \u2013 at least."
HITS = [
    hit(PASSAGE, "c1", "leave.md"),
    hit("Lunch costs EUR 4.20 in the canteen.", "c2", "food.md"),
]


@pytest.mark.parametrize(
    "quote",
    [
        "16 weeks of leave on full pay",
        "you get  16 weeks of leave",
        'Each "block" takes four weeks - at least.',
    ],
)
def test_white_space_case_quotes_and_dashes_do_not_matter(quote):
    assert find_quote(quote, PASSAGE)


def test_the_wording_shown_is_that_of_the_passage():
    assert find_quote('each "BLOCK" takes', PASSAGE) == "Each “block” takes"


def test_an_accent_written_apart_is_the_same_letter():
    apart = "The cafe\u0301 of the depot"
    assert find_quote("the caf\u00e9 of the depot", apart) == apart


@pytest.mark.parametrize(
    "quote", ["18 weeks of leave on full pay", "16 weeks", "", "leave on full pay. Lunch costs"]
)
def test_changed_short_or_joined_quotes_do_not_hold(quote):
    assert find_quote(quote, PASSAGE) is None


def test_a_compatibility_form_is_the_same_letter():
    assert (
        find_quote("the office files", "in the o\ufb03ce \ufb01les are kept")
        == "the o\ufb03ce \ufb01les"
    )


def test_a_citation_needs_its_own_retrieved_passage():
    good = Citation("", "c1", "16 weeks of leave on full pay")
    invented = Citation("", "c7", "16 weeks of leave on full pay")
    elsewhere = Citation("", "c2", "16 weeks of leave on full pay")
    assert verify([good, invented, elsewhere, good], HITS) == (
        Citation("leave.md", "c1", "16 weeks of leave on full pay"),
    )


def test_a_sentence_that_shares_nothing_with_its_quotes_is_dropped():
    citations = [Citation("leave.md", "c1", "16 weeks of leave on full pay")]
    assert supported("You get 16 weeks. PWNED. Full of leave!", citations) == (
        "You get 16 weeks. Full of leave!"
    )
    assert supported("PWNED", citations) == ""
    assert supported("You get 16 weeks.", []) == ""


@pytest.mark.parametrize(
    ("answer", "quote", "shown"),
    [
        ("Ann Lee.", "Ask Ann Lee at the gate", "Ann Lee."),
        ("Dogs that bite have priority.", "Visitors that have a badge may park", ""),
        ("They will be there.", "The keys will be there", ""),
    ],
)
def test_a_short_name_supports_a_sentence_and_a_stop_word_does_not(answer, quote, shown):
    assert supported(answer, [Citation("a.md", "c1", quote)]) == shown


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("Leave ![x](http://evil.example/a.png?q=secret) is 16 weeks.", "Leave  is 16 weeks."),
        ("See [the form](http://evil.example/f).", "See the form."),
        ("See http://evil.example/f?q=16.", "See [link removed]"),
        ("See WWW.evil.example/f now.", "See [link removed] now."),
        ('<img src="http://evil.example"> 16 weeks', "16 weeks"),
        ("[run](javascript:alert) javascript:alert(1)", "run [link removed])"),
        ("Fewer than < 5 days, more than > 3.", "Fewer than < 5 days, more than > 3."),
    ],
)
def test_links_images_and_markup_do_not_get_through(answer, shown):
    assert without_links(answer) == shown


def test_images_and_addresses_are_seen():
    assert has_address("Pay at https://evil.example now")
    assert has_address("Look: ![status](p.png)")
    assert not has_address("See [form F-17](forms/f-17.md), write to people@firm.example.")
