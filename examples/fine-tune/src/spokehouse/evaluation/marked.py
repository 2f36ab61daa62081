"""The part of a file between two marks, which is written anew while the rest is its author's.

Invariant: every other byte of the file stays, and its lines end as they did.
"""

from pathlib import Path


def replace_between(path: Path, marks: tuple[str, str], body: str) -> bool:
    """Put `body` on the lines between the two marks; False, and nothing done, without them."""
    content = path.read_bytes() if path.exists() else b""
    before, start, rest = content.partition(marks[0].encode())
    _, end, after = rest.partition(marks[1].encode())
    if not start or not end:
        return False
    line_end = b"\r\n" if b"\r\n" in content else b"\n"
    lines = [start, *body.strip().encode().split(b"\n"), end]
    unfinished = path.with_name(path.name + ".partial")
    unfinished.write_bytes(before + line_end.join(lines) + after)
    unfinished.replace(path)
    return True
