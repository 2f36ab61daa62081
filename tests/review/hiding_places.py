"""Where a key hides in a repository: one builder a place, and made-up keys of the right shape.

No key stands in this file: each is put together when a test runs.
"""

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import py_compile
import random
import sqlite3
import string
import struct
import subprocess
import tarfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

Files = dict[str, bytes | str]
Builder = Callable[[Path, str], None]

_LETTERS = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


def made_up(count: int, alphabet: str = _LETTERS, seed: int = 20) -> str:
    return "".join(random.Random(seed + count).choices(alphabet, k=count))


def keys() -> dict[str, str]:
    """A made-up key of each well-known shape."""
    mid = "T3Blbk" + "FJ"
    return {
        "anthropic": "sk-" + "ant-api03-" + made_up(93) + "AA",
        "openai": "sk-" + "proj-" + made_up(74) + mid + made_up(74, seed=3),
        "openai without its mark": "sk-" + "proj-" + made_up(120),
        "openai legacy": "sk-" + made_up(20) + mid + made_up(20, seed=4),
        "github": "gh" + "p_" + made_up(36),
        "google": "AI" + "za" + made_up(35),
        "hugging face": "h" + "f_" + made_up(34, string.ascii_letters),
        "slack": "xo" + f"xb-{made_up(12, '135792')}-{made_up(11, '13579')}-{made_up(24)}",
        "stripe": "sk_" + "live_" + made_up(24),
        "groq": "gs" + "k_" + made_up(52),
        "tavily": "tv" + "ly-" + made_up(32),
        "openrouter": "sk-" + "or-v1-" + made_up(64, _HEX),
        "langsmith": "ls" + f"v2_pt_{made_up(32, _HEX)}_{made_up(10, _HEX)}",
        "gitlab": "gl" + "pat-" + made_up(20),
        "npm": "np" + "m_" + made_up(36),
    }  # fmt: skip


def key() -> str:
    return keys()["anthropic"]


def git(folder: Path, *words: str, stdin: str | bytes = "") -> str:
    name = {"NAME": "A", "EMAIL": "a@b.c", "DATE": "2026-01-05T10:00:00Z"}
    env = {f"GIT_{who}_{k}": v for who in ("AUTHOR", "COMMITTER") for k, v in name.items()}
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false", *words],
        cwd=folder,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env={**os.environ, **env, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        check=True,
    )
    return done.stdout.decode().strip()


def put(folder: Path, files: Files) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def commit(folder: Path, files: Files, message: str = "work") -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    put(folder, files)
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)


def _file(path: str, content: Callable[[str], bytes | str]) -> Builder:
    return lambda folder, k: commit(folder, {path: content(k), "app.py": "print()\n"})


def _b64(data: bytes | str) -> bytes:
    return base64.b64encode(data.encode() if isinstance(data, str) else data)


def env(k: str) -> str:
    return f"# settings\nANTHROPIC_API_KEY={k}\n"


def zipped(members: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(name: str, content: str, mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content.encode()))
    return out.getvalue()


def png(kind: bytes, body: bytes) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixel = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(kind, body) + pixel + chunk(b"IEND", b"")


def notebook(cells: list[dict[str, object]]) -> str:
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


def database(k: str) -> bytes:
    with sqlite3.connect(":memory:") as db:
        db.execute("create table settings (name text, value text)")
        db.execute("insert into settings values ('x' || ?, ? || 'x')", ("key", k + " "))
        return db.serialize()


def compiled(folder: Path, k: str) -> None:
    put(folder, {"m.py": f'KEY = "{k}"\n'})
    py_compile.compile(str(folder / "m.py"), cfile=str(folder / "m.pyc"))
    (folder / "m.py").unlink()
    commit(folder, {})


def _cell(source: object, outputs: list[dict[str, object]] | None = None) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "outputs": outputs or [], "metadata": {}}


def _deleted(folder: Path, k: str) -> None:
    commit(folder, {".env": env(k)})
    (folder / ".env").unlink()
    commit(folder, {"app.py": ""})


def _renamed(folder: Path, k: str) -> None:
    commit(folder, {"old.py": f'KEY = "{k}"\n' + "x = 1\n" * 20})
    git(folder, "mv", "old.py", "new.py")
    commit(folder, {"new.py": "x = 1\n" * 20})


def _branch(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "checkout", "-q", "-b", "try")
    commit(folder, {"config.py": f'KEY = "{k}"\n'})
    git(folder, "checkout", "-q", "main")


def _evil_merge(folder: Path, k: str) -> None:
    _branch(folder, "nothing")
    commit(folder, {"b.py": ""})
    git(folder, "merge", "-q", "--no-commit", "--no-ff", "try")
    commit(folder, {"evil.py": f'KEY = "{k}"\n'})
    (folder / "evil.py").unlink()
    commit(folder, {})


def _tag(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "tag", "-a", "v1", "-m", f"release with {k}")


def _tagged_blob(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "tag", "data", git(folder, "hash-object", "-w", "--stdin", stdin=env(k)))


def _note(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "notes", "add", "-m", f"key: {k}")


def _stash(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    put(folder, {"app.py": env(k)})
    git(folder, "stash")


def _lost(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "hash-object", "-w", "--stdin", stdin=env(k))


def _branch_name(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "branch", f"try/{k}")


def _tag_name(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "tag", k)


def _message(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""}, f"use the key\n\nit is {k}, for now")
    commit(folder, {"app.py": "x"})


def _author(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "commit", "-q", "--allow-empty", "-m", "x", "--author", f"{k} <a@b.c>")


def _email(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    git(folder, "commit", "-q", "--allow-empty", "-m", "x", "--author", f"A <{k}@b.c>")


def _link(folder: Path, k: str) -> None:
    folder.joinpath("link").symlink_to(f"/nowhere/{k}")
    commit(folder, {})


def _untracked(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    put(folder, {"scratch.txt": env(k)})


def _changed(folder: Path, k: str) -> None:
    commit(folder, {"app.py": ""})
    put(folder, {"app.py": f'KEY = "{k}"\n'})


def _replaced(folder: Path, k: str) -> None:
    commit(folder, {".env": env(k)})
    bad = git(folder, "rev-parse", "HEAD")
    tree = git(folder, "hash-object", "-t", "tree", "-w", "--stdin")
    (folder / ".env").unlink()
    commit(folder, {"app.py": ""})
    git(folder, "replace", bad, git(folder, "commit-tree", tree, "-m", "nothing to see"))


def _silenced(folder: Path, k: str) -> None:
    commit(
        folder,
        {
            ".gitattributes": "* -diff linguist-generated=true binary export-ignore\n",
            ".gitleaks.toml": '[allowlist]\npaths = [".*"]\n',
            ".secrets.baseline": "{}",
            ".gitignore": "*\n",
            "node_modules/x/package-lock.json": json.dumps({"key": k})
            + "// gitleaks:allow pragma: allowlist secret kingfisher:ignore nosec\n",
        },
    )


_HALF = 40
PLACES: dict[str, tuple[str, Builder]] = {
    "python": ("tree", _file("config.py", lambda k: f'ANTHROPIC_API_KEY = "{k}"\n')),
    "tracked .env": ("tree", _file(".env", env)),
    "deleted file": ("history", _deleted),
    "renamed file": ("history", _renamed),
    "other branch": ("ref", _branch),
    "evil merge": ("history", _evil_merge),
    "tag message": ("ref", _tag),
    "tagged blob": ("ref", _tagged_blob),
    "note": ("ref", _note),
    "stash": ("ref", _stash),
    "unreachable object": ("none", _lost),
    "branch name": ("ref", _branch_name),
    "tag name": ("ref", _tag_name),
    "commit message": ("history", _message),
    "author": ("history", _author),
    "e-mail": ("history", _email),
    "file name": ("tree", lambda f, k: commit(f, {f"dump-{k}.txt": "x"})),
    "link target": ("tree", _link),
    "untracked file": ("tree", _untracked),
    "changed file": ("tree", _changed),
    "replaced commit": ("history", _replaced),
    "allow comments, attributes, allow-lists, vendored": ("tree", _silenced),
    "UTF-16 with mark": ("tree", _file("a.txt", lambda k: env(k).encode("utf-16"))),
    "UTF-16 without mark": ("tree", _file("a.txt", lambda k: env(k).encode("utf-16-be"))),
    "UTF-32": ("tree", _file("a.txt", lambda k: env(k).encode("utf-32"))),
    "base64": ("tree", _file("a.txt", lambda k: _b64(env(k)))),
    "base64 wrapped": ("tree", _file("a.txt", lambda k: base64.encodebytes(env(k).encode()))),
    "base64 twice": ("tree", _file("a.txt", lambda k: _b64(_b64(env(k))))),
    "base64 for URLs": (
        "tree",
        _file("a.txt", lambda k: base64.urlsafe_b64encode(b"\xfb\xef\xff>>?" + env(k).encode())),
    ),
    "kubernetes secret": (
        "tree",
        _file("k8s.yml", lambda k: f"kind: Secret\ndata:\n  key: {_b64(k).decode()}\n"),
    ),
    "hex": ("tree", _file("a.txt", lambda k: k.encode().hex())),
    "gzip": ("tree", _file("a.gz", lambda k: gzip.compress(env(k).encode()))),
    "zip": ("tree", _file("a.zip", lambda k: zipped({"a/.env": env(k)}))),
    "tar": ("tree", _file("a.tar", lambda k: tarred(".env", env(k)))),
    "tar.gz": ("tree", _file("a.tgz", lambda k: tarred(".env", env(k), "w:gz"))),
    "bz2": ("tree", _file("a.bz2", lambda k: bz2.compress(env(k).encode()))),
    "xz": ("tree", _file("a.xz", lambda k: lzma.compress(env(k).encode()))),
    "three archives deep": (
        "tree",
        _file("a.zip", lambda k: zipped({"b.zip": zipped({"c.tgz": tarred("k", env(k), "w:gz")})})),
    ),
    "wheel": ("tree", _file("a-1-py3-none-any.whl", lambda k: zipped({"a.py": f"K='{k}'"}))),
    "docx over two runs": (
        "tree",
        _file(
            "a.docx",
            lambda k: zipped(
                {"word/document.xml": f"<w><t>{k[:_HALF]}</t></w><w><t>{k[_HALF:]}</t></w>"}
            ),
        ),
    ),
    "xlsx": ("tree", _file("a.xlsx", lambda k: zipped({"xl/s.xml": f"<si><t>{k}</t></si>"}))),
    "pyc": ("tree", compiled),
    "sqlite": ("tree", _file("a.db", database)),
    "notebook source": (
        "tree",
        _file("a.ipynb", lambda k: notebook([_cell([f'key = "{k}"\n', "print(key)"])])),
    ),
    "notebook source over elements": (
        "tree",
        _file("a.ipynb", lambda k: notebook([_cell([f'k = "{k[:_HALF]}', f'{k[_HALF:]}"'])])),
    ),
    "notebook output": (
        "tree",
        _file(
            "a.ipynb",
            lambda k: notebook([_cell("", [{"name": "stdout", "text": [f"key\\n{k}\n"]}])]),
        ),
    ),
    "notebook traceback with colours": (
        "tree",
        _file(
            "a.ipynb",
            lambda k: notebook(
                [_cell("", [{"traceback": [f"\x1b[31m{k[:_HALF]}\x1b[0m{k[_HALF:]}"]}])]
            ),
        ),
    ),
    "escapes": (
        "tree",
        _file("a.json", lambda k: '{"k": "' + "".join(f"\\u{ord(c):04x}" for c in k) + '"}'),
    ),
    "hex escapes": (
        "tree",
        _file("a.js", lambda k: 'k = "' + "".join(f"\\x{ord(c):02x}" for c in k) + '"'),
    ),
    "URL encoded": (
        "tree",
        _file("a.txt", lambda k: "u=" + "".join(f"%{ord(c):02X}" for c in k) + "&b=1"),
    ),
    "URL parameter": (
        "tree",
        _file("a.md", lambda k: f"[go](https://a.b/?key={urllib.parse.quote(k)}&x=1)"),
    ),
    "HTML entities": (
        "tree",
        _file("a.html", lambda k: "<p>" + "".join(f"&#{ord(c)};" for c in k) + "</p>"),
    ),
    "added literals": ("tree", _file("a.py", lambda k: f'K = "{k[:7]}" + "{k[7:]}"\n')),
    "adjacent literals": ("tree", _file("a.py", lambda k: f'K = ("{k[:7]}"\n     "{k[7:]}")\n')),
    "line continuation": ("tree", _file("a.sh", lambda k: f"export K={k[:30]}\\\n{k[30:]}\n")),
    "joined list": ("tree", _file("a.py", lambda k: f'K = "".join(["{k[:9]}", "{k[9:]}"])\n')),
    "long line": (
        "tree",
        _file("a.min.js", lambda k: "a=1;" * 90_000 + f'k="{k}";' + "b=2;" * 9000),
    ),
    "source map": (
        "tree",
        _file("a.js.map", lambda k: json.dumps({"sourcesContent": [f"const k = '{k}'\nx"]})),
    ),
    "CRLF": ("tree", _file("a.ini", lambda k: f"[a]\r\nkey={k}\r\nb=1\r\n")),
    "CSV": ("tree", _file("a.csv", lambda k: f"id,key,n\n1,{k},2\n")),
    "PO": ("tree", _file("a.po", lambda k: f'msgid "a"\nmsgstr "{k}"\n')),
    "patch": ("tree", _file("a.patch", lambda k: f"--- a\n+++ b\n@@ -1 +1 @@\n-x\n+K={k}\n")),
    "SVG": ("tree", _file("a.svg", lambda k: f"<svg><text>{k}</text></svg>")),
    "PDF": (
        "tree",
        _file(
            "a.pdf",
            lambda k: (
                b"%PDF-1.4\n1 0 obj\n<</Filter /FlateDecode>>\nstream\n"
                + zlib.compress(f"BT [({k[:20]})-12({k[20:]})] TJ ET".encode())
                + b"\nendstream\n"
            ),
        ),
    ),
    "PNG text": ("tree", _file("a.png", lambda k: png(b"tEXt", f"Comment\0{k}".encode()))),
    "PNG packed text": (
        "tree",
        _file("a.png", lambda k: png(b"zTXt", b"Comment\0\0" + zlib.compress(k.encode()))),
    ),
    "JPEG comment": (
        "tree",
        _file("a.jpg", lambda k: b"\xff\xd8\xff\xfe\0\x90" + k.encode() + b"\xff\xd9"),
    ),
    "submodule URL": (
        "tree",
        _file(
            ".gitmodules",
            lambda k: f'[submodule "a"]\n\tpath = a\n\turl = https://x:{k}@git.a.b/a.git\n',
        ),
    ),
    "netrc": ("tree", _file(".netrc", lambda _: f"machine a.b login me password {made_up(14)}\n")),
    "pip.conf": (
        "tree",
        _file(
            "pip.conf", lambda _: f"[global]\nindex-url = https://u:{made_up(20)}@pypi.acme.io/s\n"
        ),
    ),
    "npmrc": ("tree", _file(".npmrc", lambda _: f"//r.acme.io/:_authToken={made_up(36)}\n")),
    "private key": (
        "tree",
        _file(
            "deploy.pem",
            lambda _: (
                "-----BEGIN RSA "
                + "PRIVATE KEY-----\n"
                + "\n".join(made_up(64, seed=n) for n in range(12))
                + "\n-----END RSA "
                + "PRIVATE KEY-----\n"
            ),
        ),
    ),
    "end of a large file": (
        "tree",
        _file("a.log", lambda k: b"nothing to see here\n" * 1_200_000 + env(k).encode()),
    ),
}
"""Name -> where it is found, and what builds it."""
