"""Where our data and the user's state are.

Invariant: wheel or checkout is decided here and nowhere else. Nothing is created by asking.
"""

import os
from pathlib import Path

from scaffolder.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent


def templates_dir() -> Path:
    """The folder with `sequence.yml` and one folder a skill or layer."""
    return _data("templates")


def rubric_dir() -> Path:
    """The folder with `rubric.yml` and `checks/`."""
    return _data("rubric")


def in_source(path: str) -> Path | None:
    """A path of this program's source; None where it runs from a wheel, which leaves it out."""
    there = _PACKAGE.parent / path
    return there if there.exists() and not (_PACKAGE / "data").is_dir() else None


def state_file() -> Path:
    """The SQLite file with the learner's progress, in the user's data directory."""
    from platformdirs import user_data_path

    return user_data_path("scaffold", appauthor=False) / "progress.db"


def notebook_file() -> Path:
    """The SQLite file with what was practised and how reviews came out, beside the progress."""
    return state_file().with_name("notebook.db")


def cache_dir() -> Path:
    """The folder for what can be made again at any time."""
    from platformdirs import user_cache_path

    return user_cache_path("scaffold", appauthor=False)


def log_file() -> Path:
    """Where the details of a bug are written."""
    from platformdirs import user_log_path

    return user_log_path("scaffold", appauthor=False) / "scaffold.log"


def absolute(path: Path) -> Path:
    """`path` with `~` filled in and `..` resolved by name; links are kept as they are.

    UsageError for a `~user` that is nobody, for a relative path in a folder that is gone, and for
    a name that no file can have.
    """
    try:
        found = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links
        found.exists()
        return found
    except RuntimeError as error:
        raise UsageError(
            f"{path} cannot be found: there is no such user", "Write the whole path."
        ) from error
    except FileNotFoundError as error:
        raise UsageError(
            "the folder this was started in is gone", "Go to another one: cd ~"
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}", "Name another.") from error


def _data(name: str) -> Path:
    in_wheel = _PACKAGE / "data" / name
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / name
