"""`sql`: one SELECT under the limits that hold for the model."""

import argparse

from ..assistant import database_of
from ..console import deliver
from ..database import Refused, as_text
from ..errors import UsageError
from ..result import Result
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Run the statement and show its rows; UsageError says why it was refused."""
    database = database_of(open_settings())
    try:
        table = database.select(args.statement)
    except Refused as error:
        raise UsageError(f"not run: {error}", "`tables` lists what can be read") from error
    detail = {"columns": table.columns, "rows": table.rows, "more": table.more}
    result = Result("answered", f"{len(table.rows)} rows.", detail=detail)
    deliver(result, args.json, as_text(table))
    return 0
