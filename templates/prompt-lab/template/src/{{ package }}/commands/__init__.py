"""One module a command: `run(args) -> int`. What several of them need to begin stands here."""

from ..console import note
from ..errors import ConfigError
from ..generating import require
from ..llm import client, provider
from ..project import load_env
from ..settings import Settings, load_settings
from ..systems import SYSTEMS, System


def open_settings() -> Settings:
    """The settings, with the keys of .env in the environment."""
    settings = load_settings()
    load_env(settings.root)
    return settings


def choose_system(wanted: str | None, settings: Settings) -> System:
    """The system to use: as wanted, else the API model if its key is set, else the baseline.

    `model` is another word for `api`. Raises ConfigError naming what is missing for it: the key,
    or the packages of a local model.
    """
    system = _named("api" if wanted in (None, "model") else wanted)
    if system == "local":
        require()
    if system != "api" or client.key_is_set():
        return system
    if wanted is not None:
        raise ConfigError(
            f"the API model needs {provider.KEY_VARIABLE}, which is not set",
            "put it in .env, or use --system local or --system baseline",
        )
    note(f"{provider.KEY_VARIABLE} is not set: the baseline answers")
    return "baseline"


def choose_model(wanted: str | None) -> System:
    """A system that has a prompt: as wanted, else the API model with a key, else the local one."""
    if wanted is None:
        wanted = "api" if client.key_is_set() else "local"
    system = _named("api" if wanted == "model" else wanted)
    if system == "local":
        require()
    elif not client.key_is_set():
        raise ConfigError(
            f"the API model needs {provider.KEY_VARIABLE}, which is not set",
            "put it in .env, or use --system local",
        )
    return system


def _named(wanted: str | None) -> System:
    return next(system for system in SYSTEMS if system == wanted)
