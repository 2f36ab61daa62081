"""Where the project is and what its two configuration files say; nothing else reads them.

`config.toml` is committed and holds every choice; `.env` is not and holds only keys and base URLs.
"""

import os
import tomllib
from pathlib import Path
from typing import Any

from .errors import ConfigError, UsageError

CONFIG = "config.toml"


def find_root() -> Path:
    """The working directory if it holds `config.toml`, else the checkout this package is in."""
    for folder in (Path.cwd(), Path(__file__).resolve().parents[2]):
        if (folder / CONFIG).is_file():
            return folder
    raise UsageError(f"no {CONFIG} in {Path.cwd()}", "run the command in the project's folder")


def read_config(root: Path) -> dict[str, Any]:
    """Tables of `config.toml`; ConfigError says where it cannot be read."""
    path = root / CONFIG
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:  # a TOML or UTF-8 error: both say the place
        raise ConfigError(f"{path}: {error}", "mend that place in the file") from error


def load_env(root: Path) -> None:
    """Put the filled-in lines of `.env` into the environment; variables already there win.

    An empty line of `.env.example` means "not set": an SDK would take an empty base URL literally.
    """
    from dotenv import dotenv_values

    for name, value in dotenv_values(root / ".env", interpolate=False).items():
        if value:
            os.environ.setdefault(name, value)
