"""Prints the versions that pip chooses for a project, none of which needs more than Python 3.11.0.

usage: python .ci/resolve.py PROJECT     (a Python 3.11 with pip and the index)
pip chooses for the Python it runs on, and a point release may be too new for some users: a version
that asks for more is excluded and the choice made again.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from pip._vendor.packaging.specifiers import SpecifierSet

OLDEST = "3.11.0"


def choose(project: str, excluded: list[str]) -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        report, constraints = Path(folder, "report.json"), Path(folder, "constraints.txt")
        constraints.write_text("\n".join(excluded))
        pip = [sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed"]
        argv = [*pip, "-c", str(constraints), "--report", str(report), f"{project}[dev]"]
        subprocess.run(argv, check=True)
        chosen = json.loads(report.read_text())["install"]
    return [package["metadata"] for package in chosen if not package["is_direct"]]


def main() -> None:
    excluded: list[str] = []
    while True:
        packages = choose(sys.argv[1], excluded)
        newer = [p for p in packages if OLDEST not in SpecifierSet(p.get("requires_python", ""))]
        if not newer:
            break
        excluded += [f"{p['name']}!={p['version']}" for p in newer]
    print("\n".join(sorted(f"{p['name'].lower()}=={p['version']}" for p in packages)))


if __name__ == "__main__":
    main()
