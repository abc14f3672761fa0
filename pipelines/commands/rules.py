"""``hclic rules``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How the list of rules is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def rules(
    rule_id: Annotated[str | None, typer.Argument(help="A rule to explain, like L-06. Without it: all rules.")] = None,
    format: Annotated[Format, typer.Option(help="table, csv or json.")] = Format.table,
) -> None:
    """List the rules that a return is judged by, or explain one with its examples.

    Example: hclic rules L-06
    """
    from pipelines.commands.console import say
    from pipelines.validate.catalogue import explain, render

    say(explain(rule_id) if rule_id else render(format.value))
