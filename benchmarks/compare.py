"""Each command beside the bare thing it could be compared with, measured alternately in one run.

usage: python benchmarks/compare.py [ROUNDS]      (default 7; environment: `make test`)
Prints a Markdown table: the median of each side, the ratio, the limit, and whether it holds.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from workload import write_abstracts, write_queries

BIN = Path(sys.executable).parent
HERE = Path(__file__).resolve().parent
PACKAGE = "bench_app"
ABSTRACTS, QUERIES = 1_400, 225
Row = tuple[str, str, str, str, str]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory(prefix="scaffold-bench-") as folder:
        work = Path(folder)
        os.environ.update(HOME=str(work), GIT_CONFIG_NOSYSTEM="1")
        rows = [help_row(rounds * 3), new_row(work, rounds), *project_rows(work, rounds)]
    print("| what | ours | bare | ratio or value | limit |\n|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def help_row(rounds: int) -> Row:
    ours, bare = alternate(
        lambda: call([BIN / "scaffold", "--help"]),
        lambda: call([sys.executable, "-c", "pass"]),
        rounds,
    )
    return compared("`scaffold --help` against a bare interpreter", ours, bare, 3)


def new_row(work: Path, rounds: int) -> Row:
    """`scaffold new` against `copier copy` of the same files plus `git init` and a commit."""
    template = merged_template(work)
    target = work / "target"

    def ours() -> None:
        shutil.rmtree(target, ignore_errors=True)
        call([BIN / "scaffold", "new", "rag-app", target, "--defaults"])

    def bare() -> None:
        shutil.rmtree(target, ignore_errors=True)
        call([BIN / "copier", "copy", "--defaults", "--quiet", template, target])
        git = ["git", "-C", target, "-c", "user.name=a", "-c", "user.email=a@b.example"]
        call([*git, "init", "-q"])
        call([*git, "add", "-A"])
        call([*git, "commit", "-q", "-m", "start"])

    return compared(
        "`scaffold new rag-app` against copier and git", *alternate(ours, bare, rounds), 1.1
    )


def project_rows(work: Path, rounds: int) -> list[Row]:
    """Ingest and search of a generated project on a corpus made for this run."""
    project, corpus = work / "project", work / "abstracts"
    call([BIN / "scaffold", "new", "rag-app", project, "--defaults", "--set", f"package={PACKAGE}"])
    write_abstracts(corpus, ABSTRACTS)
    write_queries(work / "queries.jsonl", corpus, QUERIES)
    os.environ["PYTHONPATH"] = str(project / "src")

    def ours() -> None:
        shutil.rmtree(project / "var", ignore_errors=True)
        call([sys.executable, "-m", PACKAGE, "ingest", corpus], project)

    def bare() -> None:
        call([sys.executable, HERE / "bare_ingest.py", corpus, work / "bare.sqlite"])

    ingest = alternate(ours, bare, max(3, rounds // 2))
    name = f"`ingest` of {ABSTRACTS} abstracts against a bare script"
    return [compared(name, *ingest, 2), *search_rows(work, project)]


def search_rows(work: Path, project: Path) -> list[Row]:
    """Milliseconds a query, start-up taken out by a run with one query, and peak memory."""
    one, many = work / "one.jsonl", work / "queries.jsonl"
    one.write_text(many.read_text().splitlines()[0] + "\n")

    def search(queries: Path) -> Callable[[], None]:
        return lambda: call(
            [sys.executable, "-m", PACKAGE, "search", "--queries", queries], project
        )

    all_of_them, first = alternate(search(many), search(one), 3)
    each = (all_of_them - first) / (QUERIES - 1) * 1000
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        (
            "`search --queries`, a query, hybrid",
            f"{each:.2f} ms",
            "",
            verdict(each, 5, " ms"),
            "5 ms",
        ),
        (
            "peak memory of any command here",
            f"{peak:.0f} MB",
            "",
            verdict(peak, 300, " MB"),
            "300 MB",
        ),
    ]


def merged_template(work: Path) -> Path:
    """The layers merged as the generator merges them, with every answer as a default."""
    from scaffolder import generate, skills
    from scaffolder.journeys.answers import settle

    skill = skills.find("rag-app")
    answers = settle(skill, work / "target", {}, {})
    template = work / "template"
    generate.merge(skills.layers(skill), template)
    config = {"_subdirectory": "root", "_exclude": [".git"]}
    questions = {name: {"type": "str", "default": value} for name, value in answers.items()}
    (template / "copier.yml").write_text(json.dumps(config | questions))
    return template


def alternate(a: Callable[[], None], b: Callable[[], None], rounds: int) -> tuple[float, float]:
    """Median seconds of each, run in turn so that a busy moment hits both."""
    a(), b()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, run in zip(times, (a, b), strict=True):
            started = time.perf_counter()
            run()
            side.append(time.perf_counter() - started)
    return statistics.median(times[0]), statistics.median(times[1])


def compared(name: str, ours: float, bare: float, limit: float) -> Row:
    ratio = ours / bare
    return (
        name,
        f"{ours * 1000:.0f} ms",
        f"{bare * 1000:.0f} ms",
        verdict(ratio, limit, "x"),
        f"{limit}x",
    )


def verdict(value: float, limit: float, unit: str) -> str:
    return f"{value:.2f}{unit}" + ("" if value <= limit else " (over the limit)")


def call(argv: Sequence[str | Path], folder: Path | None = None) -> None:
    done = subprocess.run(
        [*map(str, argv)], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, argv))} ended with {done.returncode}:\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    main()
