"""Every supported file becomes a document or a failure that says why; nothing is lost."""

import os
import time
from pathlib import Path

import pytest

from pytopics.documents import (
    Document,
    ParseFailure,
    find_documents,
    read_document,
)
from pytopics.errors import UsageError


def read(folder: Path, name: str, content: str | bytes) -> Document:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_document(path, folder)


def pdf(text: str) -> bytes:
    """The smallest PDF with one line of text; the reader rebuilds the missing cross references."""
    stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body = "".join(f"{n} 0 obj\n{text}\nendobj\n" for n, text in enumerate(objects, start=1))
    return f"%PDF-1.4\n{body}trailer\n<< /Root 1 0 R /Size 6 >>\nstartxref\n0\n%%EOF\n".encode()


def test_markdown_front_matter_becomes_title_access_and_meta(tmp_path: Path) -> None:
    front = "title: Pay bands\naccess: hr\nversion: 1.10\ntags: [pay, hr]"
    document = read(tmp_path, "pay.md", f"---\n{front}\n---\n\n# Bands\n\nText.")
    assert (document.title, document.access) == ("Pay bands", "hr")
    assert document.meta == {"version": "1.10", "tags": "pay, hr"}
    assert document.text.strip() == "# Bands\n\nText."
    assert document.label == "Pay bands (version 1.10, tags pay, hr)"


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "intro\n\n## The heading ##\n\ntext", "The heading"),
        ("a.md", "---\nprose between rules\n---\nmore", "prose between rules"),
        ("a.txt", "\nFirst line\nsecond line", "First line"),
        ("a.txt", "word " * 60, "a"),
    ],
)
def test_title_is_the_first_heading_or_first_line_or_file_name(
    tmp_path: Path, name: str, text: str, title: str
) -> None:
    assert read(tmp_path, name, text).title == title


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_front_matter_of_text_is_read_like_that_of_markdown(tmp_path: Path, name: str) -> None:
    document = read(tmp_path, name, "---\n# who may read\naccess: hr\n---\nBand 4 starts at 31.")
    assert (document.access, document.text) == ("hr", "Band 4 starts at 31.")


def test_html_keeps_headings_lists_and_table_rows_and_drops_the_frame(tmp_path: Path) -> None:
    page = """<html><head><title>Rota &amp; sites</title><meta name="access" content="field">
    <style>p { color: red }</style></head><body><nav>Home | Forms</nav>
    <h2>On  call</h2><p>From <b>Monday</b>
    morning.</p><p>Swap&nbsp;early.</p><!-- draft --><ul><li>One</li><li>Two</li></ul>
    <table><tr><th>Site</th><th>Code</th></tr><tr><td>Harbour</td><td></td></tr></table>
    <script>alert(1)</script><footer>Imprint</footer></body></html>"""
    document = read(tmp_path, "rota.html", page)
    assert (document.title, document.access) == ("Rota & sites", "field")
    assert document.text.splitlines() == [
        "## On call",
        "",
        "From Monday morning.",
        "",
        "Swap early.",
        "",
        "- One",
        "- Two",
        "",
        "Site | Code",
        "Harbour |",
    ]


def test_pdf_text_is_read(tmp_path: Path) -> None:
    assert "Notice period: 30 days" in read(tmp_path, "a.pdf", pdf("Notice period: 30 days")).text


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("caf\u00e9 \u2013 open".encode(), None),
        ("\ufeffcaf\u00e9 \u2013 open".encode(), None),
        ("caf\u00e9 \u2013 open".encode("cp1252"), "cp1252"),
        ("caf\u00e9 \u2013 open".encode("utf-16"), "utf-16"),
        ("caf\u00e9 \u2013 open".encode("utf-32"), "utf-32"),
    ],
)
def test_other_encodings_are_read_and_noted(
    tmp_path: Path, raw: bytes, encoding: str | None
) -> None:
    document = read(tmp_path, "a.txt", raw)
    assert document.text == "caf\u00e9 \u2013 open"
    assert document.meta.get("encoding") == encoding


def test_control_characters_do_not_survive(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "one\x1b[2Jtwo\r\nthree\x07").text == "one [2Jtwo\nthree "


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "no text"),
        ("blank.md", b" \n\t\n", "no text"),
        ("binary.txt", b"PK\x03\x04\x00\x00", "binary"),
        ("damaged.pdf", b"%PDF-1.4 and then nothing of use", "not a readable PDF"),
        ("yaml.md", b"---\ntitle: a: b\n---\ntext", "not valid YAML"),
        ("list.md", b"---\naccess: [hr, legal]\n---\ntext", "access must be one label"),
        ("none.md", b"---\naccess:\n---\ntext", "access must be one label"),
        ("twice.md", b"---\naccess: hr\nAccess: everyone\n---\ntext", "a key twice"),
        ("twice.html", b"<meta name=access content=a><meta name=access content=b>x", "given twice"),
        ("open.md", b"---\naccess: hr\ntext without an end", "not closed"),
        ("open.txt", b"---\naccess: hr\ntext without an end", "not closed"),
        ("hyphen.md", b"---\nlast-change: 2026\naccess: hr\ntext", "not closed"),
        ("comment.md", b"---\n# who may read\n\naccess: hr\ntext", "not closed"),
        ("meta.html", b"<meta name=access content=''><p>text</p>", "access must be one label"),
        ("markup.html", b"<p>text <![%x>", "not readable HTML"),
        ("script.html", b"<html><script>x</script></html>", "no text"),
    ],
)
def test_what_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(ParseFailure, match=reason) as failure:
        read(tmp_path, name, content)
    assert failure.value.path == name


def test_listing_is_sorted_and_leaves_out_hidden_excluded_and_other_files(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.txt", "a/.hidden.md", ".git/x.md", "var/y.md", "photo.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    listing = find_documents(tmp_path, exclude=tmp_path / "var")
    assert [p.relative_to(tmp_path).as_posix() for p in listing.files] == ["b.md", "a/z.txt"]
    assert sum(listing.ignored.values()) == 1


def test_links_that_leave_the_folder_are_refused_and_listed(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("text")
    (tmp_path / "secret.md").write_text("secret")
    (corpus / "inside.md").symlink_to(corpus / "a.md")
    (corpus / "outside.md").symlink_to(tmp_path / "secret.md")
    (corpus / "folder").symlink_to(tmp_path)
    (corpus / "nothing.md").symlink_to(corpus / "gone.md")
    listing = find_documents(corpus)
    assert [path.name for path in listing.files] == ["a.md", "inside.md"]
    assert sorted(f.path for f in listing.refused) == ["folder", "nothing.md", "outside.md"]


def test_a_folder_that_may_not_be_read_is_refused_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("text")
    (tmp_path / "hr").mkdir()
    (tmp_path / "hr" / "b.md").write_text("text")
    scandir = os.scandir

    def forbidden(folder: str) -> object:
        if Path(folder).name == "hr":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", forbidden)
    listing = find_documents(tmp_path)
    assert [path.name for path in listing.files] == ["a.md"]
    assert [(f.path, f.reason) for f in listing.refused] == [("hr", "a folder: Permission denied")]
    with pytest.raises(UsageError, match="cannot read"):
        find_documents(tmp_path / "hr")


def test_a_file_that_may_not_be_looked_at_is_refused_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("text")

    def forbidden(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", forbidden)
    assert [f.path for f in find_documents(tmp_path).refused] == ["a.md"]


def test_a_file_name_that_is_not_utf8_is_a_failure(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md"))
    try:
        path.write_text("text")
    except OSError:
        pytest.skip("this file system accepts only UTF-8 names")
    with pytest.raises(ParseFailure, match="UTF-8"):
        read_document(path, tmp_path)


def test_tags_that_are_never_closed_take_no_longer_than_others(tmp_path: Path) -> None:
    started = time.perf_counter()
    document = read(tmp_path, "rows.html", "<table>" + "<tr><td>a<td>b" * 10_000)
    assert document.text.splitlines()[:3] == ["a", "b", "a"]
    assert time.perf_counter() - started < 10  # 33 s when every text looks for its own place
