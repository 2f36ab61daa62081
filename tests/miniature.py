"""The smallest template, written inline: what a test of the generator needs and no more."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from scaffolder import generate, skills

CARD = {
    "slug": "tiny",
    "title": "A tiny skill",
    "pitch": "You can do it.",
    "reason": "It is first.",
    "hours": {"study": 1, "build": 2},
    "needs": [],
    "knows": [],
    "learn": [{"topic": "a", "why": "b"}],
    "skip": [{"what": "a", "until": "b"}],
    "build": {
        "name": "Tiny",
        "brief": "b",
        "boring": "b",
        "yours": "y",
        "milestones": [
            {
                "id": "M1",
                "by_hour": 6,
                "title": "Failures",
                "done": ["three failures named"],
                "evidence": [{"item": "COM-08", "say": "failures named", "at": "partial"}],
            }
        ],
        "short_of_time": "Ship what is measured.",
    },
    "questions": [{"ask": "a?", "strong": "b", "origin": "reported"}],
    "pitfalls": ["p"],
    "sources": [
        {"title": "t", "url": "https://x.example", "checked": "2026-11-22", "seen": "primary"}
    ],
    "template": {
        "version": "1.0.0",
        "layers": ["_base"],
        "evaluation": {"calls": 10, "input_tokens": 1000, "output_tokens": 100},
    },
}
QUESTIONS = {
    "project_name": {"help": "Name"},
    "package": {"help": "Package"},
    "author": {"help": "Author"},
    "problem": {"help": "Problem"},
    "provider": {"help": "Provider", "default": "anthropic", "choices": ["anthropic", "openai"]},
}
MANIFEST = """[scaffold]
format = 1
skill = "{{ skill }}"
template_version = "{{ template_version }}"
package = {{ package | tojson }}
[answers]
project_name = {{ project_name | tojson }}
[commands]
setup = ["python", "-c", "pass"]
test = ["python", "-c", "print('1 passed')"]
demo = ["python", "-c", "print('{\\"answer\\": \\"yes\\"}')", "--json"]
[paths]
failures = "evals/failures.jsonl"
"""
FILES = {
    "README.md.jinja": "# {{ project_name }}\n{{ problem }}\n",
    "scaffold.toml.jinja": MANIFEST,
}


ANSWERS = {
    "project_name": "Rules",
    "package": "rules",
    "author": "Ada",
    "problem": "",
    "skill": "tiny",
    "template_version": "1.0.0",
}


def new(target: Path, **answers: str) -> generate.Generated:
    """The project of the miniature template at `target`."""
    return generate.generate(skills.find("tiny"), target, ANSWERS | answers)


def names(folder: Path) -> list[str]:
    """What lies in `folder`."""
    return sorted(path.name for path in folder.iterdir())


def write_sequence(root: Path, *slugs: str) -> None:
    """A sequence of `slugs`; all but `tiny` have a card only, without evidence."""
    sequence = {
        "skills": [{"slug": slug, "tier": 1} for slug in slugs],
        "seed": [*slugs],
        "seed_warning": "w",
    }
    write_yaml(root / "sequence.yml", sequence)
    for slug in slugs:
        if slug != "tiny":
            write_yaml(root / slug / "skill.yml", card_only(slug))


def card_only(slug: str) -> dict[str, object]:
    """A card without a template, with two milestones that nothing can be counted for."""
    milestones = [
        {"id": "M1", "by_hour": 6, "title": "First", "done": ["a"]},
        {"id": "M2", "by_hour": 44, "title": "Last", "done": ["b"]},
    ]
    build = {**CARD["build"], "milestones": milestones}  # type: ignore[dict-item]
    kept = {key: value for key, value in CARD.items() if key != "template"}
    return {**kept, "slug": slug, "title": f"About {slug}", "build": build}


def write_templates(root: Path, files: Mapping[str, str | bytes] = FILES) -> Path:
    """templates/ with one skill `tiny` over an empty `_base`, holding `files`."""
    write_sequence(root, "tiny")
    write_yaml(root / "tiny" / "skill.yml", CARD)
    write_yaml(root / "_base" / "copier.yml", QUESTIONS)
    (root / "_base" / "parts" / "locks").mkdir(parents=True, exist_ok=True)
    (root / "_base" / "parts" / "locks" / "openai.txt").write_text("numpy==2.0\nhf-xet==1.8.0\n")
    for name, content in files.items():
        path = root / "tiny" / "template" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def write_yaml(path: Path, value: object) -> None:
    """`value` as YAML at `path`, folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(value, sort_keys=False))
