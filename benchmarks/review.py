"""`scaffold review` measured: beside sp-repo-review, and as a repository grows.

usage: python benchmarks/review.py [ROUNDS]      (default 5; environment: `pip install ".[bench]"`)
Prints two Markdown tables. The repositories are made for the run: modules of 40 lines with a
docstring, hints, a class, a handler and a test for every fifth, in ten commits.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compare import BIN, alternate, verdict

SIZES = (1_000, 2_000, 4_000, 8_000, 16_000)
SMALL_S, MEMORY_MB, TIMES, PLUS_S = 0.6, 250, 2, 1
REVIEW = [BIN / "scaffold", "review"]

MODULE = '''"""Rates of stock item {n}."""

import logging
from dataclasses import dataclass

log = logging.getLogger(__name__)
LIMIT_{n} = {n}


@dataclass(frozen=True)
class Rate{n}:
    """A rate and the day from which it holds."""

    name: str
    value: float
    day: int = {n}


def parse_rate_{n}(line: str) -> Rate{n} | None:
    """The rate in a line of the form name;value."""
    try:
        name, value = line.split(";")
        return Rate{n}(name.strip(), float(value))
    except ValueError:
        log.warning("line %s is no rate", line)
        return None


def best_rate_{n}(lines: list[str], limit: int = LIMIT_{n}) -> Rate{n} | None:
    """The highest rate of the first `limit` lines."""
    found = [rate for rate in map(parse_rate_{n}, lines[:limit]) if rate]
    return max(found, key=lambda rate: rate.value, default=None)


def report_{n}(lines: list[str]) -> str:
    """One sentence for the morning mail."""
    best = best_rate_{n}(lines)
    return f"{{best.name}} at {{best.value:.2f}}" if best else "nothing today"
'''
TEST = """from shop.part{part}.rate{n} import best_rate_{n}


def test_the_highest_rate_wins() -> None:
    found = best_rate_{n}(["a;1", "b;2"], 2)
    assert found is not None
    assert found.value == 2
"""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(prefix="scaffold-bench-") as folder:
        work = Path(folder)
        os.environ.update(HOME=str(work / "home"), GIT_CONFIG_NOSYSTEM="1")
        print("| what | ours | beside | limit | |\n|---|---|---|---|---|")
        print(small_row(work, rounds))
        print(generated_row(work, rounds))
        print(beside_row(work, rounds))
        print("\n| files | seconds | ms a file | peak memory |\n|---|---|---|---|")
        for size in SIZES:
            print(growth_row(work, size))


def small_row(work: Path, rounds: int) -> str:
    """Twenty files in ten commits, secrets included; both caches are warm after the first run."""
    tree = made(work, 20)
    ours, _ = alternate(lambda: review(tree), lambda: None, rounds)
    return f"| 20 files, wall | {verdict(ours, SMALL_S, ' s')} | | {SMALL_S} s | |"


def generated_row(work: Path, rounds: int) -> str:
    """A fresh generated project: the one that a learner reviews most."""
    project = work / "generated"
    run([BIN / "scaffold", "new", "rag-app", project, "--defaults"])
    ours, _ = alternate(lambda: review(project), lambda: None, rounds)
    return f"| a fresh rag-app (190 files, 600 rows), wall | {ours:.2f} s | | | |"


def beside_row(work: Path, rounds: int) -> str:
    """2,000 files, in turn with sp-repo-review."""
    tree = made(work, 2_000)
    ours, theirs = alternate(
        lambda: review(tree),
        lambda: run([BIN / "sp-repo-review", tree]),
        rounds,
    )
    limit = TIMES * theirs + PLUS_S
    peak = measured(tree)[1]
    return (
        f"| 2,000 files, wall | {verdict(ours, limit, ' s')} | sp-repo-review {theirs:.2f} s |"
        f" {limit:.2f} s | peak {verdict(peak, MEMORY_MB, ' MB')}, limit {MEMORY_MB} MB |"
    )


def growth_row(work: Path, size: int) -> str:
    seconds, peak = measured(made(work, size))
    return f"| {size:,} | {seconds:.2f} | {seconds / size * 1000:.2f} | {peak:.0f} MB |"


def measured(tree: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one review, children included."""
    script = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, REVIEW), str(tree), "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - started, float(done.stdout)


def review(tree: Path) -> None:
    run([*REVIEW, tree, "--format", "json"])


def run(words: list[str | Path]) -> None:
    """Any exit code but that of a crash: both tools say with it what they found."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    if "Traceback" in done.stderr or done.returncode not in (0, 1, 2, 3):
        sys.exit(f"{words[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def made(work: Path, size: int) -> Path:
    """A repository of `size` files in ten commits."""
    tree = work / f"tree{size}"
    if tree.exists():
        return tree
    tree.mkdir()
    git = ["git", "-C", str(tree), "-c", "gc.auto=0", "-c", "user.name=a"]
    git += ["-c", "user.email=a@b.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    for step in range(10):
        for n in range(step, size, 10):
            write_module(tree, n)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", f"Add part {step} of the rates"], check=True)
    return tree


def write_module(tree: Path, n: int) -> None:
    """Every fifth file is a test of the one before it."""
    part = n // 100
    if n % 5 == 4:
        path, text = tree / f"tests/test_rate{n - 1}.py", TEST.format(n=n - 1, part=part)
    else:
        path, text = tree / f"src/shop/part{part}/rate{n}.py", MODULE.format(n=n)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
