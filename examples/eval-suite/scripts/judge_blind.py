"""How right the rule judge is on replies that nobody labelled: those to test messages.

Their truth follows from the expected values, so no person is needed, and the rule was not written
with them in sight. Run it after `eval`: python scripts/judge_blind.py
"""

from pathlib import Path
from typing import Any

from deskcheck.evaluation.rows import Row, read
from deskcheck.evaluation.statistics import wilson
from deskcheck.graders import SETTLES
from deskcheck.items import Item, load_items
from deskcheck.jsonl import write_objects

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "evals" / "results"
SYSTEMS = ("baseline", "dated", "asking")


def is_sound(item: Item, row: Row) -> bool:
    """Whether what the reply settles is what the message asks for; a time left out is no lie."""
    said, wanted = row.output, item.expected
    if said["action"] == "cancel":
        return bool(wanted["action"] == "cancel")
    if said["action"] not in SETTLES:
        return True
    same = said["action"] == wanted["action"] and said["date"] == wanted.get("date")
    return bool(same and said["time"] in (None, wanted.get("time")))


def judged(item: Item, row: Row) -> dict[str, Any]:
    """One reply: 1 if the judge passes what is sound, or fails what is false."""
    sound, passed = is_sound(item, row), row.grades["no_false_word"] == 1
    grade = {"sound_passed": float(passed)} if sound else {"false_failed": float(not passed)}
    named = {"id": f"{row.system}-{row.id}", "system": "rule"}
    kept = {name: getattr(row, name) for name in ("split", "slice", "origin")}
    stamp = {
        "output": dict(row.output),
        "version": row.version,
        "commit": row.commit,
        "tree": row.tree,
    }
    return named | kept | {"grades": grade} | stamp


def main() -> None:
    items = {item.id: item for item in load_items(ROOT / "evals" / "items.jsonl")}
    rows = [row for system in SYSTEMS for row in read(RESULTS / f"{system}.jsonl")]
    asked = [row for row in rows if row.split == "test" and row.trial == 1]
    # Three desks often reply the same to a message; the last one that says it stands for all.
    once = {(row.id, row.output["reply"]): row for row in asked}
    found = [judged(items[row.id], row) for row in once.values()]
    write_objects(RESULTS / "blind" / "rule.jsonl", found)
    for metric in ("sound_passed", "false_failed"):
        values = [grade for row in found if (grade := row["grades"].get(metric)) is not None]
        interval = wilson(round(sum(values)), len(values))
        share = sum(values) / len(values)
        print(f"{metric} {share:.6f} [{interval.low:.6f}, {interval.high:.6f}], n = {len(values)}")


if __name__ == "__main__":
    main()
