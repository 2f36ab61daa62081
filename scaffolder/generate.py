"""Makes a project: layers merged, one copier pass into a stage, a gate, a commit, one rename.

Invariant: the destination does not exist, or is empty, until one atomic rename puts the whole
project there; whatever stops us before that leaves nothing of the user's touched. The only user
of copier.
"""

import errno
import os
import shutil
import stat
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scaffolder import gitrepo, madehere, manifest, staging
from scaffolder.errors import BrokenTemplate, CannotWrite, ScaffoldError, UsageError
from scaffolder.manifest import LOCK, MANIFEST, lock_text
from scaffolder.paths import absolute
from scaffolder.skills import Skill, layers

MAX_FILES = 2_000
MAX_BYTES = 5_000_000
"""Limits of the gate: files in a project, bytes in one file."""

NEEDED_COMMANDS = ("setup", "test", "demo")
"""What a project must say in `[commands]`: the way from a fresh checkout to the first answer."""

MERGE = "merge the layers of the template"
FILL_IN = "fill in the answers"
CHECK = "check every file"
COMMIT = "make the first commit"
MOVE = "move it into place"
"""What is told of on the way, each before it is done, in this order."""

Tell = Callable[[str], None]

_ROOT, _PARTS = "root", "parts"


@dataclass(frozen=True)
class Generated:
    """A finished project: absolute path, commit id or None, what the user should be told."""

    path: Path
    commit: str | None
    notices: Sequence[str]


def tell_nobody(_: str) -> None:
    """Whoever does not ask is told nothing."""


def generate(
    skill: Skill,
    destination: Path,
    answers: Mapping[str, str],
    with_git: bool = True,
    tell: Tell = tell_nobody,
) -> Generated:
    """Generates `skill` at `destination` with all `answers` resolved; `tell` hears what begins.

    Raises UsageError for a destination that cannot be taken, EnvironmentProblem without git,
    CannotWrite when the disk refuses.
    """
    target = check_destination(destination)
    if with_git:
        gitrepo.require_git()
    notices = _outer_repository(target)
    with _writing(target), staging.stage(target) as tree:
        render(skill, answers, tree, tell)
        commit = None
        if with_git:
            tell(COMMIT)
            commit, said = _commit(tree, skill, answers)
            notices += said
            madehere.sign(tree)
        tell(MOVE)
        staging.move(tree, target)
    return Generated(target, commit, notices)


def check_destination(destination: Path) -> Path:
    """The absolute path to generate at; UsageError unless it is absent or an empty folder.

    CannotWrite where nothing can be made in the nearest folder above it.
    """
    _refuse_unwritten(destination)
    target = absolute(destination)
    try:
        _refuse_taken(target)
        _refuse_locked(target)
    except OSError as error:
        raise UsageError(
            f"{target} cannot be looked into: {error.strerror}", "Name another folder."
        ) from error
    return target


def _refuse_unwritten(destination: Path) -> None:
    """A name that no shell and no file system takes as it stands."""
    name = str(destination)
    try:
        os.fsencode(name)
    except UnicodeError:
        name = "\0"
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise UsageError(
            "the name of the folder holds a control character", "Name it in plain text."
        )


def _refuse_locked(target: Path) -> None:
    """The stage is made in the folder above, so that is where it must be possible to write."""
    above = next(folder for folder in target.parents if folder.exists())
    if not os.access(above, os.W_OK | os.X_OK):
        raise CannotWrite(
            f"{target} cannot be written: {above} may not be changed by you",
            "Name a folder you may write to; nothing was changed.",
        )


def _refuse_taken(target: Path) -> None:
    if any(_is_git(part) for part in target.parts):
        raise UsageError(f"{target} is git's own folder", "Name a folder outside of it.")
    if target.is_symlink():
        raise UsageError(f"{target} is a link", "Name the folder itself.")
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file", "Name a folder that does not exist yet.")
    taken = target.exists() and any(target.iterdir())
    if taken and (target / MANIFEST).is_file():
        raise UsageError(
            f"{target} is a generated project already",
            "Go on in it (its README has the set-up), or name another folder; nothing was changed.",
        )
    if taken:
        raise UsageError(
            f"{target} is not empty", "Name a folder that does not exist yet; nothing was changed."
        )
    blocked = next((p for p in target.parents if p.exists() and not p.is_dir()), None)
    if blocked:
        raise UsageError(f"{blocked} is a file, so {target} cannot be made", "Name another folder.")


def render(skill: Skill, answers: Mapping[str, str], tree: Path, tell: Tell = tell_nobody) -> None:
    """Renders the template of `skill` into the empty folder `tree`, gated and locked.

    The merged template lies beside `tree` meanwhile, so that it is swept with its stage.
    """
    with tempfile.TemporaryDirectory(prefix="template-", dir=tree.parent) as merged:
        tell(MERGE)
        merge(layers(skill), Path(merged))
        tell(FILL_IN)
        with _no_programs():
            _copier_pass(Path(merged), tree, answers)
    tell(CHECK)
    files = gate(tree)
    _check_commands(tree)
    version = skill.template.version if skill.template else ""
    (tree / LOCK).parent.mkdir(exist_ok=True)
    (tree / LOCK).write_text(lock_text(skill.slug, version, files), "utf-8")


def _check_commands(tree: Path) -> None:
    try:
        commands = manifest.read(tree).commands
    except UsageError as error:
        raise BrokenTemplate(f"the template's {MANIFEST} is broken: {error.message}") from error
    missing = [name for name in NEEDED_COMMANDS if name not in commands]
    if missing:
        raise BrokenTemplate(f"the template's {MANIFEST} has no command: {', '.join(missing)}")


def merge(folders: Sequence[Path], into: Path) -> None:
    """Copies the layers over one another; a later file or part replaces an earlier one.

    Installers compile what they install, so a `__pycache__` may lie among the templates.
    """
    for folder in folders:
        for name, target in (("template", _ROOT), ("parts", _PARTS)):
            if (folder / name).is_dir():
                shutil.copytree(
                    folder / name,
                    into / target,
                    ignore=shutil.ignore_patterns("__pycache__"),
                    dirs_exist_ok=True,
                    copy_function=shutil.copyfile,
                )


def gate(tree: Path) -> dict[str, bytes]:
    """Every file of `tree` by its posix path, in UTF-8 or binary, or BrokenTemplate.

    Refused: links and special files, a path that git reads as its own, too many or too large
    files (hostile-input cases of generators: links out of the tree, `.GIT`, `git~1`).
    """
    found: dict[str, bytes] = {}
    for path in sorted(tree.rglob("*")):
        mode = path.lstat().st_mode
        name = path.relative_to(tree).as_posix()
        if any(_is_git(part) for part in path.relative_to(tree).parts):
            raise BrokenTemplate(f"the template would write into git's own folder: {name}")
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise BrokenTemplate(f"the template holds something that is not a file: {name}")
        if stat.S_ISREG(mode):
            found[name] = _content(path, name)
    if not found or len(found) > MAX_FILES:
        raise BrokenTemplate(f"the template makes {len(found)} files (1 to {MAX_FILES} allowed)")
    return found


def _content(path: Path, name: str) -> bytes:
    if path.lstat().st_size > MAX_BYTES:
        raise BrokenTemplate(f"the template's {name} is larger than {MAX_BYTES} bytes")
    return path.read_bytes()


def _is_git(part: str) -> bool:
    plain = part.casefold().replace("\u200c", "").rstrip(". ")
    return plain in {".git", "git~1", ".gitmodules"}


def _copier_pass(merged: Path, tree: Path, answers: Mapping[str, str]) -> None:
    import copier
    import jinja2
    import yaml
    from copier.errors import CopierError

    questions = {name: {"type": "str", "default": ""} for name in answers}
    config = {
        "_subdirectory": _ROOT,
        "_exclude": [".git"],
        "_envops": {"undefined": "jinja2.StrictUndefined", "keep_trailing_newline": True},
        **questions,
    }
    (merged / "copier.yml").write_text(yaml.safe_dump(config), "utf-8")
    try:
        copier.run_copy(
            str(merged),
            tree,
            data=dict(answers),
            settings=copier.Settings(),
            defaults=True,
            quiet=True,
        )
    except (CopierError, jinja2.TemplateError, ValueError) as error:
        raise BrokenTemplate(f"the template does not render: {error}") from error


@contextmanager
def _no_programs() -> Iterator[None]:
    """An empty PATH: rendering needs no program, and copier would ask git about every file."""
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = ""
    try:
        yield
    finally:
        os.environ["PATH"] = path


def _commit(tree: Path, skill: Skill, answers: Mapping[str, str]) -> tuple[str, list[str]]:
    known = gitrepo.identity(tree)
    author = known or gitrepo.Identity(answers["author"], "author@localhost")
    message = f"Start {answers['project_name']} from the {skill.slug} template"
    commit = gitrepo.first_commit(tree, message, author)
    if known:
        return commit, []
    return commit, [
        f"git knows no name and e-mail of yours: this first commit is by {author.name} "
        f"<{author.email}>. Before the next one: git config --global user.name and user.email."
    ]


def _outer_repository(target: Path) -> list[str]:
    outer = gitrepo.enclosing_repository(target)
    if outer is None:
        return []
    return [f"{target} lies inside the repository {outer}; it becomes a repository of its own."]


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Every refusal of the disk as one sentence; our own errors pass as they are."""
    try:
        yield
    except ScaffoldError:
        raise
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            raise UsageError(
                f"{target} was filled by something else meanwhile", "Name another folder."
            ) from error
        raise CannotWrite(
            f"{target} cannot be written: {error.strerror or error}", _room_hint(error)
        ) from error


def _room_hint(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "A project needs about 20 MB, and 1 GB once its environment is installed."
    return "Name a folder you may write to; nothing was changed."
