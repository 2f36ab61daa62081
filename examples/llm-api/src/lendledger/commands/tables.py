"""`tables`: what of the ledger can be read, by a person or a model."""

import argparse

from ..assistant import database_of
from ..console import deliver
from ..result import Result
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """List every visible table with its columns and how many rows it has."""
    database = database_of(open_settings())
    tables = {name: database.describe(name) for name in database.allowed}
    lines = []
    for name, columns in tables.items():
        lines.append(f"{name} ({database.count(name)} rows)")
        lines += [f"  {c['column']:<16} {c['type']:<8} e.g. {c['example']}" for c in columns]
    result = Result("answered", f"{len(tables)} tables can be read.", detail={"tables": tables})
    deliver(result, args.json, "\n".join(lines))
    return 0
