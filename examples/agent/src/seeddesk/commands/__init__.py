"""One module a command: `run(args) -> int`. What several of them need to begin stands here."""

from ..console import note
from ..desk import System
from ..errors import ConfigError
from ..llm import client, provider
from ..project import load_env
from ..result import Result
from ..settings import Settings, load_settings


def open_settings() -> Settings:
    """The settings, with the keys of .env in the environment."""
    settings = load_settings()
    load_env(settings.root)
    return settings


def choose_system(wanted: System | None) -> System:
    """The system to use: as wanted, else the model if its key is set, else the baseline.

    Raises ConfigError naming the variable if a model is wanted and there is no key.
    """
    if wanted in ("single", "model") and not client.key_is_set():
        raise ConfigError(
            f"the {wanted} system needs {provider.KEY_VARIABLE}, which is not set",
            "put it in .env, or use --system baseline",
        )
    if wanted is None and not client.key_is_set():
        note(f"{provider.KEY_VARIABLE} is not set: the baseline answers")
        return "baseline"
    return wanted or "model"


def human(result: Result) -> str:
    """A result for a terminal: what is said, what was done, what waits."""
    actions = [
        f"  {a['step']}. {a['tool']} {_words(a['arguments'])}: {a['outcome']}"
        for a in result.detail["actions"]
    ]
    pending = [
        f"waits for you: {p['tool']} {_words(p['arguments'])}\n"
        f"  approve {result.detail['run']}, or approve {result.detail['run']} --deny"
        for p in result.detail["pending"]
    ]
    said = result.answer or result.message
    parts = (f"[{result.status}] {said}", "\n".join(actions), "\n".join(pending))
    return "\n\n".join(part for part in parts if part)


def _words(arguments: dict[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments.items())
