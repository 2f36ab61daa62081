"""Who may read what: filter, tests, and what the corpus says."""

from pathlib import Path

import pytest
from asked import ask


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ('db.execute("SELECT id FROM chunks WHERE tenant_id = ? AND text MATCH ?", t)\n', "yes"),
        ("def f(s, q, roles):\n    return s.search(q, query_filter=roles)\n", "yes"),
        ("def f(s, q, course):\n    return s.search(q, filter={'course': course})\n", "no"),
        ('db.execute("SELECT id FROM messages WHERE user_id = ?", u)\n', "no"),
        ("def keep(chunks, acl):\n    return [c for c in chunks if c.acl in acl]\n", "partial"),
    ],
)
def test_the_search_itself_leaves_out(code: str, answer: str, tmp_path: Path) -> None:
    assert ask("access.filtered_before", {"src/search.py": code}, tmp_path).answer == answer


def test_a_test_that_searches_nothing_is_none_of_roles(tmp_path: Path) -> None:
    code = "def test_roles_are_a_list():\n    assert ROLES == ['a']\n    assert len(ROLES) == 1\n"
    assert ask("access.tested", {"tests/test_a.py": code}, tmp_path).answer == "no"


@pytest.mark.parametrize(
    ("card", "document", "answer"),
    [
        ("Every document is public.", "Text.", "yes"),
        ("One carries `access: hr`.", "---\naccess: hr\n---\nText.", "yes"),
        ("One carries `access: hr`.", '<meta name="access" content="hr">', "yes"),
        ("Nothing is restricted.", "---\naccess: hr\n---\nText.", "partial"),
        ("Some documents carry an access label.", "Text.", "partial"),
        ("Forty files in the public domain.", "---\naccess: everyone\n---\nText.", "no"),
        ("Forty files.", "---\naccess: hr\n---\nText.", "partial"),
    ],
)
def test_card_and_documents_agree(card: str, document: str, answer: str, tmp_path: Path) -> None:
    tree = {"data/README.md": f"# Data\n\n{card}\n", "data/corpus/a.html": document}
    assert ask("access.corpus_says", tree, tmp_path).answer == answer
