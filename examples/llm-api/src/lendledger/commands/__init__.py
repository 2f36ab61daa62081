"""One module a command: `run(args) -> int`. What several of them need to begin stands here."""

from ..assistant import System
from ..console import note
from ..errors import ConfigError
from ..llm import client
from ..llm.provider import adapter
from ..project import load_env
from ..result import Result
from ..settings import Settings, load_settings


def open_settings(provider: str | None = None) -> Settings:
    """The settings, with the keys of .env in the environment."""
    settings = load_settings(provider=provider or "")
    load_env(settings.root)
    return settings


def choose_system(wanted: System | None, settings: Settings) -> System:
    """The system to use: as wanted, else the model if its key is set, else the baseline.

    Raises ConfigError naming the variable if a model is wanted and there is no key.
    """
    if wanted not in (None, "model"):
        return wanted
    if client.key_is_set(settings.llm):
        return "model"
    variable = adapter(settings.llm).KEY_VARIABLE
    if wanted == "model":
        raise ConfigError(
            f"the model needs {variable}, which is not set",
            "put it in .env, or use --system baseline",
        )
    note(f"{variable} is not set: the baseline answers")
    return "baseline"


def human(result: Result) -> str:
    """A result for a terminal: what is said, and the queries behind it."""
    said = result.answer or result.message
    queries = [
        f"  {a['name']}  {' '.join(a['arguments']['sql'].split())}"
        for a in result.detail["actions"]
        if a["outcome"] == "ok" and "sql" in a["arguments"]
    ]
    return "\n\n".join(part for part in (f"[{result.status}] {said}", "\n".join(queries)) if part)
