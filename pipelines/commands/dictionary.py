"""``hclic dictionary``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How the dictionary is printed."""

    table = "table"
    csv = "csv"
    md = "md"
    json = "json"


def dictionary(
    format: Annotated[Format, typer.Option(help="table, csv, md or json.")] = Format.table,
    section: Annotated[str | None, typer.Option(help="Only this section, like prevention.")] = None,
) -> None:
    """Print every field of the nine sections: type, code list, whether it must be filled, source and confidence.

    Example: hclic dictionary --format md
    """
    from pipelines.commands.console import say
    from pipelines.dictionary import render

    say(render(format.value, section))
