"""One module a command: `run(args) -> int`. What several of them need to begin stands here."""

from ..console import note
from ..errors import ConfigError
from ..generating import require
from ..llm import client, provider
from ..project import load_env
from ..settings import Settings, load_settings
from ..systems import LOCAL, SYSTEMS, System


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
    system: System = "api" if wanted in (None, "model") else _named(wanted)
    if system in LOCAL:
        require()
    if system != "api" or client.key_is_set():
        return system
    if wanted is not None:
        raise ConfigError(
            f"the API model needs {provider.KEY_VARIABLE}, which is not set",
            "put it in .env, or use --system baseline",
        )
    note(f"{provider.KEY_VARIABLE} is not set: the baseline answers")
    return "baseline"


def measurable(settings: Settings) -> tuple[list[System], list[str]]:
    """The systems that can be measured here and now, and why each of the others cannot."""
    found, reasons = list[System](), list[str]()
    for system in SYSTEMS:
        reason = _obstacle(system, settings)
        if reason:
            reasons.append(f"{system} was not measured: {reason}")
        else:
            found.append(system)
    return found, reasons


def _obstacle(system: System, settings: Settings) -> str:
    if system == "api" and not client.key_is_set():
        return f"{provider.KEY_VARIABLE} is not set"
    if system == "tuned" and settings.adapter is None:
        return "config.toml names no tune in [local] run that is there"
    if system in LOCAL:
        try:
            require()
        except ConfigError as error:
            return f"{error.message}; {error.hint}"
    return ""


def _named(wanted: str | None) -> System:
    return next(system for system in SYSTEMS if system == wanted)
