"""One module per command of the command line, each with `run(args) -> int`."""

from pathlib import Path

from ..console import note
from ..index import Index
from ..settings import Settings


def open_index(settings: Settings) -> Index:
    """The index, with a note if its folder is gone or another than the one config.toml names."""
    index = Index.open(settings)
    if not Path(index.corpus_root).is_dir():
        note(f"the folder {index.corpus_root} is gone: what was read of it answers")
    held = index.corpus, Path(index.corpus_root)
    if held != (settings.corpus_name, settings.corpus_path.resolve()):
        note(
            f"answering from {index.corpus} ({index.corpus_root}); config.toml says "
            f"{settings.corpus_name}: run `ingest` to go back to it"
        )
    return index
