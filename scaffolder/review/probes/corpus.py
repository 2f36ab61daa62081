"""The documents that are asked about: whose they are, and what it takes to index them again."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath

from scaffolder.review import ownwork, templatelock
from scaffolder.review.golden import corpus
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import SHOWN, code_lines, in_files, place
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.parse import Parsed
from scaffolder.review.python.pysource import Handler, PythonFile
from scaffolder.review.readme import cards
from scaffolder.review.view import MAX_LINE, RepoView
from scaffolder.sanitise import clean

MOST_SAMPLE = 0.5
"""Share of the documents that may be left over from the template."""

_SAYS = {
    "where the documents are from": re.compile(
        r"\borigin|\bsources?\b|\bfrom\b|\bcollected\b|\bdownloaded\b|\bscraped\b|\bcrawled\b"
        r"|\bpublished\b|\bwritten (?:for|by)\b|https?://|\bcopied\b|\bships?\b|\bpublisher\b"
        r"|\bexported\b|\bretrieved\b|procede|fuente|quelle|来源",
        re.IGNORECASE,
    ),
    "their licence": re.compile(
        r"licen[cs]e|\bCC[ -](?:BY|0)|\bMIT\b|\bApache\b|public domain|copyright|terms of use"
        r"|\bODbL\b|\bOGL\b|permitted|permission|licencia|lizenz|许可",
        re.IGNORECASE,
    ),
    "of what time they are": re.compile(
        r"\b(?:19|20)\d\d\b|\bedition\b|\bversions? \d|\bvalid until\b|\bas of\b|\bsnapshot\b"
        r"|\blast updated\b|edición|ausgabe|版本",
        re.IGNORECASE,
    ),
}
_GOT = re.compile(r"https?://|\bdownload|\bfetch|\bwget\b|\bcurl\b|hugging ?face|kaggle", re.I)
_MANIFEST = ("*manifest*", "*sha256*", "*checksums*", "sources.csv", "sources.json", "sources.y*ml")
_MANIFEST_ENDS = (".json", ".jsonl", ".csv", ".tsv", ".toml", ".yaml", ".yml", ".txt", ".sha256")
_SHA256 = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", re.IGNORECASE)
_DEEPEST = 4
"""Levels of a JSON manifest that are looked at."""

_LARGEST = 8 * 1024 * 1024
_MOST_ENTRIES = 5000
_MOST_HASHED = 300
"""Bytes of one document, and documents, whose hash is computed."""

_SCRIPT = re.compile(
    r"ingest|index|chunk|corpus|documents?|loader|pars(?:e|ing)|extract|readers?\b|embed|vector"
    r"|split|upsert|qdrant|chroma|pinecone|elastic|weaviate|milvus|etl|crawl|scrap|doc_?id",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"eval|judge|metric|grader|fixture|prompt|agent|server|monitor|feedback|/models?/|generation",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"ingest|chunk|(?:load|read|parse|split|index|embed|extract|add|store|upsert)_?"
    r"(?:docs?|documents?|pdfs?|corpus|files?|texts?|pages?|data)(?:$|_)|(?:build|create|make)_?"
    r"(?:\w{1,20}_)?(?:index|vector|embeddings)",
    re.IGNORECASE,
)
_HASHES = re.compile(
    r"(?:^|\.)(?:sha(?:1|224|256|384|512)|md5|blake2[bs]|uuid5|uuid3|xxh\w{2,12}|xxhash\w{0,10}"
    r"|sha3_256|file_digest|RecordManager|SQLRecordManager|DocstoreStrategy\w{0,10}"
    r"|refresh_ref_docs|IngestionPipeline)$|^hashlib\.new$|^mmh3\.",
)
_RANDOM = re.compile(r"^(?:uuid\.)?uuid[14]$|^uuid\.uuid[14]")
_COUNTED_ID = re.compile(r"(?:_|-|:|#|chunk)\{\}$|^\{\}(?:_|-|:|#)\{\}|chunk[-_]?\{\}", re.I)
_IDS = {"ids", "id", "doc_id", "chunk_id", "document_id", "point_id"}
_SCRIPT_HASH = re.compile(r"createHash\(|\bmd5\(|\bsha256\(|uuidv?5\b|subtle\.digest\(")
_KEEPS = re.compile(
    r"(?:append|add|extend|update|increment|put|setdefault)\(|\+=\s{0,2}1\b"
    r"|\b(?:failed|failures?|errors?|skipped|unreadable|problems)\w{0,20}\[",
    re.IGNORECASE,
)
_NO_READING = {"ImportError", "ModuleNotFoundError", "KeyboardInterrupt", "StopIteration"}
_BODY = 12
"""Lines of an `except` that are read."""

_TELLS = re.compile(r"print|log|warn|error|exception|echo|secho|note|write|st\.", re.IGNORECASE)


def described(view: RepoView) -> Reading:
    """The corpus is the author's, and a card or manifest gives its origin, licence and time."""
    documents = corpus.documents(view)
    left = ownwork.left_over_sample(view)
    if left is not None and left > MOST_SAMPLE:
        return _sample(view, documents, left)
    wrong = next(_mishashed(view), None)
    if wrong:
        return partial(wrong[0], wrong[1])
    said = {name: found for name in _SAYS if (found := _said(view, _SAYS[name]))}
    shown = [*dict.fromkeys(said.values()), *_shown(view, documents)]
    missing = [name for name in _SAYS if name not in said]
    if not documents and not said:
        return no("No documents were found, and no data card or manifest that tells of them.")
    held = f"The corpus has {count(len(documents), 'document')}."
    held = held if documents else "No document of the corpus is here."
    if missing:
        reason = f"{held} Neither a data card nor a manifest says {', nor '.join(missing)}."
        return (partial if said else no)(reason, *shown)
    if not documents and not _said(view, _GOT):
        reason = "A data card describes the documents, but neither are they here nor does it say"
        return partial(f"{reason} how a reader gets them.", *shown)
    return yes(f"{held} A card or manifest says where from, under which licence, of when.", *shown)


def stable_ids(view: RepoView) -> Reading:
    """Ids of documents or chunks come from their content, so a second run gives the same."""
    files = view.once(_ingesting)
    hashed = _calling(view, files, _HASHES)
    hashed += in_files(view, _SCRIPT_HASH, [f for f in scripts(view) if _SCRIPT.search(f)])
    if hashed:
        return yes("Ids or digests are computed from the content.", *hashed[:SHOWN])
    random = _calling(view, files, _RANDOM)
    if random:
        reason = "Ids are drawn at random: a second run gives other ids and doubles the entries."
        return no(reason, *random[:SHOWN])
    counted = _numbered(view, files)
    if counted:
        reason = "Ids are given by place or by the data, not by content: an edit may shift them."
        return partial(reason, *counted[:SHOWN])
    return no(
        "No id of a document or chunk was found that its content gives: looked for a hash or "
        "uuid5 in the code that reads and indexes documents."
    )


def failures_counted(view: RepoView) -> Reading:
    """A document that cannot be read is counted and listed, and none is dropped in silence."""
    caught = [(f, h) for f in view.once(_ingesting) for h in f.handlers if _is_of_reading(h)]
    kept = [place(view, f.path, h.line) for f, h in caught if _keeps(view, f, h)]
    if kept:
        return yes("What cannot be read is kept in a list or count.", *kept[:SHOWN])
    silent = [place(view, f.path, h.line) for f, h in caught if not h.calls and not h.raises]
    told = [place(view, f.path, h.line) for f, h in caught if h.raises or _tells(h)]
    if told:
        reason = "An error of reading stops the run or is printed; none is counted."
        return partial(reason, *told[:SHOWN])
    if silent:
        reason = "Errors are caught where documents are read, and neither listed nor shown."
        return no(reason, *silent[:SHOWN])
    reason = "No code was found that catches and counts documents that cannot be read"
    return no(f"{reason}: looked where documents are loaded, parsed and indexed.")


def _sample(view: RepoView, documents: Sequence[str], left: float) -> Reading:
    places = [_first(view, path) for path in documents[:3]]
    if left == 1:
        return no("The corpus is still the template's sample: put your documents there.", *places)
    return partial(f"{left:.0%} of the documents are still the template's sample.", *places)


def _said(view: RepoView, pattern: re.Pattern[str]) -> Evidence | None:
    """The first line of the author's in a card or manifest that the pattern is found in."""
    return cards.said(view, pattern) or next(view.search(pattern, view.once(_manifests)), None)


def _manifests(view: RepoView) -> tuple[str, ...]:
    """Files beside the documents that list them."""
    documents = corpus.documents(view)
    folders = {p.as_posix() for d in documents[:200] for p in PurePosixPath(d).parents}
    found = (f for f in view.find(*_MANIFEST) if f.lower().endswith(_MANIFEST_ENDS))
    near = (f for f in found if PurePosixPath(f).parent.as_posix() in folders or "data" in f)
    return tuple(near)[:5] if documents else tuple(view.find("data/*manifest*"))[:5]


def _mishashed(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    """Documents whose SHA-256 is not that of the manifest's entry that names them."""
    for path, number, stated, named in islice(_stated(view), _MOST_HASHED):
        if _sha256(view, named) not in {stated, ""}:
            reason = f"The manifest has another SHA-256 for {clean(named, 80)} than it has now."
            yield reason, view.quote(path, number)


def _stated(view: RepoView) -> Iterator[tuple[str, int, str, str]]:
    """The entries of manifests that give one hash: file, line, hash and document."""
    for path in view.once(_manifests):
        for number, entry in islice(_entries(view, path), _MOST_ENTRIES):
            hashes = _SHA256.findall(entry)
            named = next(_named(view, entry), None) if len(hashes) == 1 else None
            if named:
                yield path, number, hashes[0].lower(), named


def _entries(view: RepoView, path: str) -> Iterator[tuple[int, str]]:
    """Each entry as one text with its line: a line, or in JSON an object and its key."""
    read = view.json(path) if path.endswith(".json") else None
    if read is None or not isinstance(read, Parsed):
        yield from enumerate(view.lines(path), 1)
        return
    lines = {h.lower(): n for n, t in enumerate(view.lines(path), 1) for h in _SHA256.findall(t)}
    for entry in _objects(read.value):
        found = _SHA256.search(entry)
        yield lines.get(found[0].lower(), 1) if found else 1, entry


def _objects(value: object, key: str = "", depth: int = 0) -> Iterator[str]:
    """Each object of a JSON document with its key, and each key with its value, as one text."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        yield f"{key} {value}"[:MAX_LINE]
    elif isinstance(value, dict):
        yield " ".join([key, *(v for v in value.values() if isinstance(v, str))])[:MAX_LINE]
        for name, inner in value.items():
            yield from _objects(inner, str(name), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner, "", depth + 1)


def _named(view: RepoView, line: str) -> Iterator[str]:
    words = re.findall(r"[^\s\"',;|*]{3,300}", line)
    yield from (d for word in words[:20] if (d := corpus.find(view, word)))


def _sha256(view: RepoView, path: str) -> str:
    """The hash of a document; "" of one that is too large."""
    if view.size(path) > _LARGEST:
        return ""
    return hashlib.sha256(view.raw(path, _LARGEST)).hexdigest()


def _shown(view: RepoView, documents: Sequence[str]) -> list[Evidence]:
    """The first documents, the author's before those of the template."""
    shares = ownwork.shares(view) if templatelock.recorded(view) else {}
    mine = [d for d in documents if d in shares and shares[d].own]
    return [_first(view, path) for path in (mine or list(documents))[:2]]


def _first(view: RepoView, path: str) -> Evidence:
    lines = enumerate(view.lines(path)[:200], 1)
    return view.quote(path, next((n for n, text in lines if text.strip()), 1))


def _ingesting(view: RepoView) -> tuple[PythonFile, ...]:
    """Code that reads, cuts or indexes documents, by its place or by what it defines."""
    return tuple(f for f in view.code if not _ASIDE.search(f.path) and _ingests(f))


def _ingests(file: PythonFile) -> bool:
    if file.notebook or _SCRIPT.search(file.path):
        return True
    return any(_STEP.search(d.name.rpartition(".")[2]) for d in file.functions)


def _calling(
    view: RepoView, files: Sequence[PythonFile], pattern: re.Pattern[str]
) -> list[Evidence]:
    calls = ((f, c) for f in files for c in f.calls if pattern.search(c.name))
    return [place(view, f.path, c.line) for f, c in calls]


def _numbered(view: RepoView, files: Sequence[PythonFile]) -> list[Evidence]:
    given = [place(view, f.path, c.line) for f in files for c in f.calls if "ids" in c.keywords]
    texts = ((f, t) for f in files if _IDS & f.names for t in f.texts if len(t.value) < 60)
    named = [place(view, f.path, t.line) for f, t in texts if _COUNTED_ID.search(t.value)]
    keyed = ((f, t) for f in files for t in f.texts if t.value in _IDS - {"id", "ids"})
    return [*given, *named, *(place(view, f.path, t.line) for f, t in keyed)]


def _is_of_reading(handler: Handler) -> bool:
    return not {kind.rpartition(".")[2] for kind in handler.types} <= _NO_READING


def _keeps(view: RepoView, file: PythonFile, handler: Handler) -> bool:
    """Whether the body of an `except` that goes on puts the error in a list or counts it."""
    if handler.raises:
        return False
    lines = code_lines(view, file.path)
    head = lines[handler.line - 1 : handler.line]
    indent = min((len(line) - len(line.lstrip()) for line in head), default=0)
    for line in lines[handler.line : handler.line + _BODY]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return False
        if _KEEPS.search(line[:MAX_LINE]):
            return True
    return False


def _tells(handler: Handler) -> bool:
    return any(_TELLS.search(name) for name in handler.calls)
