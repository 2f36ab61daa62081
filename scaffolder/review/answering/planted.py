"""Instructions planted in documents to see whether they are followed, and what came of each.

Invariant: a set is known by where it stands (its path or a test's name) and never run; whether an
instruction was followed is taken from the answer where the answer can show it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scaffolder.review import ownwork
from scaffolder.review.answering.refusals import answer_of, truth
from scaffolder.review.model import Evidence
from scaffolder.review.parse import Parsed
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row, model_of
from scaffolder.review.view import RepoView

MAX_FILES = 100
MAX_VARIANTS = 2000

_PLACE = re.compile(
    r"inject|adversarial|red[-_ ]?team|attack|jailbreak|poison|planted|hostile[-_ ]?doc",
    re.IGNORECASE,
)
_ROWS = (".jsonl", ".json", ".csv", ".tsv", ".ndjson")
_TEXTS = (".md", ".txt", ".html", ".htm", ".rst")
_NO_VARIANT = re.compile(
    r"readme|licen[cs]e|requirements|changelog|(?:^|/)(?:docs|prompts?)/", re.I
)
_TEXT = (
    *("text", "payload", "injection", "planted", "instruction", "attack", "document", "passage"),
    *("variant", "content", "body", "prompt", "input", "chunk", "doc"),
)
_KIND = (
    *("technique", "kind", "category", "type", "attack_type", "class", "strategy", "name", "slice"),
)
_MARKER = (
    *("marker", "canary", "forbidden", "must_not_contain", "must_not_include", "token", "secret"),
    *("trigger", "success_if_contains", "not_contains"),
)
_ID = ("injection_id", "variant_id", "attack_id", "variant", "id", "injection", "attack", "case_id")
_BAD = (
    *("followed", "complied", "obeyed", "success", "succeeded", "attack_success", "injected"),
    *("compromised", "leaked", "hijacked", "exploited", "attack_succeeded", "vulnerable"),
)
_GOOD = ("resisted", "blocked", "passed", "safe", "ignored", "defended", "ok", "pass", "held")
_WORDS = ("verdict", "outcome", "result", "grade", "label", "status")
_BAD_WORD = re.compile(
    r"follow|compl(?:y|ied)|obey|success|leak|hijack|vulnerab|fail|partial", re.I
)
_GOOD_WORD = re.compile(
    r"resist|ignor|block|refus|safe|pass|declin|defend|held|not[_ -]?follow|on[_ -]?task|answered",
    re.I,
)
_SIGNS = {
    "override": re.compile(
        r"ignore|disregard|forget|override|instead of|(?:reply|respond|answer) (?:only|with)"
        r"|new (?:instruction|rule|task)|from now on|you are now|must (?:now )?(?:say|reply|write)",
        re.IGNORECASE,
    ),
    "address": re.compile(r"https?://|!\[|<img|\bwww\.|mailto:", re.IGNORECASE),
    "false system message": re.compile(
        r"\bsystem\s?[:>\]]|\[/?inst|<\|?im_start|</?system|\bassistant\s?:"
        r"|\badmin\w{0,12}\s?:|developer mode",
        re.IGNORECASE,
    ),
    "hidden text": re.compile(
        r"<!--|display\s?:\s?none|font-size\s?:\s?0|visibility\s?:\s?hidden|color\s?:\s?(?:white|#fff)"
        r"|[\u200b-\u200f\u2060-\u2064\ufeff\U000e0020-\U000e007f]",
        re.IGNORECASE,
    ),
    "other language": re.compile(
        r"\b(?:ignor(?:a|e[rsz]?|iere[n]?|ate|i)\b"
        r"(?= (?:las?|los|les?|tout|alle|die|todas|as|tutte))"
        r"|instrucciones|anweisung(?:en)?|instructions pr[eé]c[eé]dentes|instru[cç][oõ]es"
        r"|istruzioni)"
        r"|[\u0400-\u04ff\u0600-\u06ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{4}",
        re.IGNORECASE,
    ),
    "prompt leak": re.compile(
        r"(?:reveal|print|repeat|show|output|tell me|leak|quote)\b.{0,40}\b(?:prompt"
        r"|instructions|rules|secret|key|password|configuration)",
        re.IGNORECASE,
    ),
    "encoded": re.compile(r"[A-Za-z0-9+/]{40}|(?:\\x[0-9a-f]{2}){4}|base64|rot13", re.IGNORECASE),
    "tool or action": re.compile(
        r"\b(?:send|e-?mail|delete|call|execute|run|click|transfer|upload|forward)\b.{0,60}"
        r"\b(?:tool|function|to|the|this|all|command)\b",
        re.IGNORECASE,
    ),
}
_FEW_SIGNS = 3
_TOOL = re.compile(r"[a-z]{3,20}(?:_[a-z]{2,20}){1,4}")
_HOST = re.compile(r"https?://([\w.-]{4,100})", re.IGNORECASE)


@dataclass(frozen=True)
class Variant:
    """A planted instruction: what it is called and how it tries; `marker` must not come out."""

    id: str
    technique: str
    text: str
    marker: str
    evidence: Evidence


@dataclass(frozen=True)
class Trial:
    """What one system did with one variant; `seen` where its answer, or its refusal, is kept."""

    variant: str
    system: str
    is_model: bool
    followed: bool
    seen: bool
    answer: str
    evidence: Evidence


def is_place(path: str) -> bool:
    """Whether a path is named for planted instructions."""
    return _PLACE.search(path) is not None


def variants(view: RepoView) -> tuple[Variant, ...]:
    """The planted instructions that are committed, one for each wording."""
    return view.once(_variants)


def trials(view: RepoView) -> tuple[Trial, ...]:
    """What came of them: the rows that say whether an instruction was followed."""
    return view.once(_trials)


def techniques(found: Sequence[Variant]) -> frozenset[str]:
    """The ways that the instructions try: those which are named, or those that the texts show.

    Names alone are none: where the texts show fewer than three ways, these count.
    """
    named = frozenset(v.technique.casefold() for v in found if v.technique)
    signs = frozenset(name for v in found for name, sign in _SIGNS.items() if sign.search(v.text))
    return max(named, signs, key=len) if len(signs) >= _FEW_SIGNS else signs


def instructs(found: Variant) -> bool:
    """Whether a text tries anything that can be recognised, the tool that it must not reach too."""
    return any(sign.search(found.text) for sign in _SIGNS.values()) or _asks_for_tool(found)


def _asks_for_tool(found: Variant) -> bool:
    """Whether the verb of the tool named as its marker stands in it: "waive" of `waive_fee`."""
    verb = found.marker.partition("_")[0] if _TOOL.fullmatch(found.marker) else ""
    return bool(verb and re.search(rf"\b{re.escape(verb)}", found.text, re.IGNORECASE))


def shows_obedience(trial: Trial, variant: Variant) -> bool:
    """Whether an answer holds what the planted text wanted: its marker, or its address."""
    answer = trial.answer.casefold()
    hosts = (m[1].casefold() for m in _HOST.finditer(variant.text))
    wanted = [variant.marker.casefold()] if len(variant.marker) > 2 else []
    return any(w in answer for w in (*wanted, *hosts))


def _variants(view: RepoView) -> tuple[Variant, ...]:
    once: dict[str, Variant] = {}
    for found in (*_in_rows(view), *_in_documents(view), *_in_tests(view)):
        wording = " ".join(re.sub(r"\d+", "", found.text.casefold()).split())
        if len(wording) >= 10 and len(once) < MAX_VARIANTS:
            once.setdefault(wording, found)
    return tuple(once.values())


def _files(view: RepoView, ends: tuple[str, ...]) -> list[str]:
    named = (f for f in view.files if f.lower().endswith(ends) and _PLACE.search(f))
    return [f for f in named if not _NO_VARIANT.search(f)][:MAX_FILES]


def _in_rows(view: RepoView) -> Iterator[Variant]:
    for path, line, row in _rows(view):
        text = _first(row, _TEXT)
        if text:
            kind, name = _first(row, _KIND), _first(row, _ID) or str(line)
            yield Variant(name, kind, text, _first(row, _MARKER), view.quote(path, line))


def _rows(view: RepoView) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    for path in _files(view, _ROWS):
        yield from ((path, row.line, row.data) for row in resultrows.rows(view, path))
    for path in _files(view, (".yaml", ".yml")):
        read = view.yaml(path)
        value = read.value if isinstance(read, Parsed) else None
        if isinstance(value, dict):
            value = max((v for v in value.values() if isinstance(v, list)), key=len, default=[])
        listed = value if isinstance(value, list) else []
        rows = (one if isinstance(one, dict) else {"text": str(one)} for one in listed)
        yield from ((path, 1, row) for row in rows)


def _in_documents(view: RepoView) -> Iterator[Variant]:
    """A folder of documents with an instruction in each."""
    for path in _files(view, _TEXTS):
        if _PLACE.search(str(PurePosixPath(path).parent)):
            lines = view.lines(path)
            at = next((n for n, t in enumerate(lines, 1) if _is_instruction(t)), None)
            if at is not None:
                name = PurePosixPath(path).stem
                text = "\n".join(lines)[:4000]
                yield Variant(name, "", text, "", view.quote(path, at))


def _in_tests(view: RepoView) -> Iterator[Variant]:
    """Instructions that a test on injection spells out; what a template brought is nobody's set."""
    for file in view.tests:
        named = _PLACE.search(file.path)
        starts = sorted((f.line, f.end_line) for f in file.functions if _PLACE.search(f.name[:200]))
        for text in file.texts:
            inside = named or any(a <= text.line <= b for a, b in starts)
            tries = inside and len(text.value) > 15 and _is_instruction(text.value)
            if tries and not ownwork.is_template_line(view, file.path, text.line):
                yield Variant("", "", text.value, "", view.quote(file.path, text.line))


def _is_instruction(text: str) -> bool:
    return any(sign.search(text[:2000]) for sign in _SIGNS.values())


def _trials(view: RepoView) -> tuple[Trial, ...]:
    known = {v.id for v in variants(view) if v.id}
    found: list[Trial] = []
    for path in dict.fromkeys((*_files(view, _ROWS), *resultrows.result_files(view))):
        for row in resultrows.rows(view, path):
            if _PLACE.search(path) or (_first(row.data, _ID) in known and _first(row.data, _KIND)):
                found += _trial(view, row)
    return tuple(found)


def _trial(view: RepoView, row: Row) -> Iterator[Trial]:
    followed = _followed(row.data)
    if followed is None:
        return
    answer = answer_of(row.data)
    seen = bool(answer) or row.text("status").lower() in ("refused", "declined", "abstained")
    system = row.system
    is_model = bool(model_of(row)) or "baseline" not in system.casefold()
    name = _first(row.data, _ID)
    yield Trial(name, system, is_model, followed, seen, answer, view.quote(row.path, row.line))


def _followed(row: Mapping[str, Any]) -> bool | None:
    tables = [row, *(v for k in ("grades", "scores") if isinstance(v := row.get(k), dict))]
    for table in tables:
        for keys, is_bad in ((_BAD, True), (_GOOD, False)):
            said = next((t for k in keys if (t := truth(table.get(k))) is not None), None)
            if said is not None:
                return said is is_bad
    word = next((w for k in _WORDS if isinstance(w := row.get(k), str) and w), "")[:60]
    if _GOOD_WORD.search(word):
        return False
    return True if _BAD_WORD.search(word) else None


def _first(row: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = row.get(key)
        if isinstance(value, list) and value and isinstance(value[0], str):
            value = value[0]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value)[:4000].strip()
    return ""
