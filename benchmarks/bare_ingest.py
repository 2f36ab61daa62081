"""The least that ingests a folder: read, embed, insert. What `ingest` is compared with."""

import sqlite3
import sys
from pathlib import Path

import wordllama

folder, database = map(Path, sys.argv[1:])
database.unlink(missing_ok=True)
model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
files = sorted(folder.iterdir())
texts = [file.read_text("utf-8") for file in files]
vectors = model.embed(texts, norm=True)
with sqlite3.connect(database) as connection:
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize='porter unicode61')")
    connection.execute("CREATE TABLE chunks (source TEXT, text TEXT, vector BLOB)")
    connection.executemany("INSERT INTO words VALUES (?)", ((text,) for text in texts))
    rows = zip(files, texts, vectors, strict=True)
    connection.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?)", ((f.name, t, v.tobytes()) for f, t, v in rows)
    )
