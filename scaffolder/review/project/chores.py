"""What a command is for: tests, lint, types, evaluation, audit, installing.

Invariant: the words of one simple command decide (`recipes.core`), never where it was found; a
command that installs a tool does not run it.
"""

import re

from scaffolder.review.project.recipes import Order, core

TESTS, LINT, TYPES, EVALUATION, AUDIT = "tests", "lint", "types", "evaluation", "audit"

_MANAGERS = {"npm", "pnpm", "yarn", "bun"}
_NOT_RUN = {"pip", "pip3", "echo", "printf", "apt", "apt-get", "brew", "uses", "grep", "cat", "git"}
_BY_HEAD = {
    TESTS: {
        *("pytest", "py.test", "unittest", "nose2", "nosetests", "vitest", "jest", "mocha", "ava"),
        *("rspec", "phpunit", "ctest", "bats", "ward", "trial", "stestr", "karate"),
    },
    LINT: {
        *("ruff", "flake8", "pylint", "pycodestyle", "pyflakes", "eslint", "biome", "oxlint"),
        *("golangci-lint", "clippy", "xo", "tslint", "standard", "prospector"),
    },
    TYPES: {"mypy", "pyright", "basedpyright", "pyre", "ty", "pyrefly", "pytype", "tsc", "vue-tsc"},
    EVALUATION: {"promptfoo", "deepeval", "ragas", "inspect", "lm_eval", "lm-eval", "oaieval"},
    AUDIT: {
        *("pip-audit", "safety", "trivy", "osv-scanner", "grype", "snyk", "auditjs", "govulncheck"),
        "cargo-audit",
    },
}
_BY_PAIR = {
    TESTS: {
        *("go test", "cargo test", "dotnet test", "deno test", "bun test", "hatch test"),
        *("swift test", "rake test", "flutter test", "playwright test", "npm test", "npm t"),
        *("yarn test", "pnpm test", "node --test", "manage.py test", "ng test", "inv test"),
        "invoke test",
    },
    LINT: {"hatch fmt", "next lint", "go vet", "cargo clippy", "deno lint", "ruff check"},
    TYPES: {"deno check"},
    AUDIT: {"npm audit", "pnpm audit", "yarn audit", "docker scout", "cargo audit", "uv audit"},
}
_JAVA = re.compile(r"(?:\./)?(?:mvnw?|gradlew?)\s.*\b(?:test|verify|package|install|check|build)\b")
_SKIPPED = re.compile(r"-DskipTests|-Dmaven\.test\.skip|-x\s+test\b|--collect-only")
_EVALUATES = re.compile(
    r"(?:^|[\s/._-])eval(?:s|uate|uation|uations)?(?:$|[\s/._-])|--gate\b", re.I
)
_AUDIT_ACTION = re.compile(
    r"uses (?:pypa/gh-action-pip-audit|aquasecurity/trivy|google/osv-scanner|anchore/scan|snyk/"
    r"|actions/dependency-review|docker/scout|pyupio/safety)"
)
_TEST_ACTION = re.compile(
    r"uses (?:[\w.-]+/)?[\w.-]*(?:pytest|run-tests|vitest|jest|streamlit-app-action)[\w.-]*"
)
_REPORT_ACTION = re.compile(
    r"uses [\w./-]*(?:result|report|summary|comment|badge|annotat|cover)", re.I
)
"""An action that shows what a test run left behind runs none itself."""
_LINT_ACTION = re.compile(
    r"uses (?:astral-sh/ruff-action|pre-commit/action|super-linter|github/super-linter)"
    r"|uses [\w.-]{1,80}/(?:[\w.-]{1,40}-)?(?:ruff|eslint|flake8|golangci-lint)-action"
)


def does(order: Order, chore: str) -> bool:
    """Whether a simple command does that chore itself."""
    text = order.text[:2000]
    if text.startswith("uses "):
        return _action(text, chore)
    words = core(text)
    if not words or words[0] in _NOT_RUN or _SKIPPED.search(text):
        return False
    head = words[0].rpartition("/")[2].lower()
    second = words[1] if len(words) > 1 else ""
    if head == "uv" and second in {"pip", "add", "sync", "tool"}:
        return False
    if head in _BY_HEAD.get(chore, ()) and not (chore == LINT and second == "format"):
        return second not in {"--version", "--help", "install", "init"}
    if f"{head} {second}" in _BY_PAIR.get(chore, ()) or _managed(words, chore):
        return True
    if chore == TESTS:
        return bool(_JAVA.match(text)) or _nested(words)
    return chore == EVALUATION and _evaluates(words)


def installs_floating(text: str) -> str | None:
    """The first package that a command installs without a version; None where none is."""
    words = core(text)
    if words[:2] in (["uv", "pip"], ["uv", "tool"]):
        words = words[1:]
    if not words or words[0].rpartition("/")[2] not in _INSTALLERS or "install" not in words[1:3]:
        return None
    if {"-c", "--constraint", "--require-hashes"} & set(words):
        return None
    rest = iter(words[words.index("install") + 1 :])
    for word in rest:
        word = word.strip("\"'")
        if word in _TAKE_VALUE:
            next(rest, None)
        elif _FLOATING.fullmatch(word) and word.split("[")[0] not in _TOOLS:
            return word
    return None


_INSTALLERS = {"pip", "pip3", "pipx", "tool"}
_TAKE_VALUE = {
    *("-r", "--requirement", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-e"),
    *("--editable", "--python", "--target", "-t", "--group", "--upgrade-strategy", "--prefix"),
}
_TOOLS = {
    "pip",
    "uv",
    "setuptools",
    "wheel",
    "poetry",
    "pdm",
    "pipenv",
    "hatch",
    "pipx",
    "tox",
    "coverage",
}
"""Installers: they make the environment and are no part of what it locks."""
_FLOATING = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*(?:\[[\w,-]*\])?")


def _action(text: str, chore: str) -> bool:
    if chore == TESTS and _REPORT_ACTION.match(text):
        return False
    patterns = {TESTS: _TEST_ACTION, LINT: _LINT_ACTION, AUDIT: _AUDIT_ACTION}
    return chore in patterns and bool(patterns[chore].match(text))


def _managed(words: list[str], chore: str) -> bool:
    """`npm run test:unit` and the like, for scripts that could not be followed."""
    if words[0] not in _MANAGERS or len(words) < 2:
        return False
    name = words[2] if words[1] == "run" and len(words) > 2 else words[1]
    return chore == TESTS and name.split(":")[0] in {"test", "tests"}


def _nested(words: list[str]) -> bool:
    """A test runner inside a container or a wrapper: `docker compose exec app pytest`."""
    wrapped = words[0] in {
        "docker",
        "docker-compose",
        "podman",
        "kubectl",
        "ssh",
        "timeout",
        "nice",
    }
    return wrapped and bool({"pytest", "unittest", "vitest", "jest"} & set(words))


def _evaluates(words: list[str]) -> bool:
    ran = [w for w in words[:4] if not w.startswith(("-", "tests")) or w == "--gate"]
    return "--gate" in words or any(_EVALUATES.search(w) for w in ran)
