"""Options that several commands have, each said once: the warehouse, whose rows, who asks, and where to look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.authority import authority_code
from pipelines.errors import UsageError
from pipelines.place import is_lake, parse_place

if TYPE_CHECKING:
    from pipelines.place import Place
else:
    # Typer knows no types that are one or the other; what is typed is read by the parser.
    Place = Any


def a_file(text: str) -> Path:
    """The path of a warehouse that has to be a file.

    Raises:
        UsageError: it is the address of a DuckLake.
    """
    if is_lake(text):
        raise UsageError(
            "This command is for a warehouse that is a file. What there is for a DuckLake: hclic fleet --help."
        )
    return Path(text)


AnyWarehouse = Annotated[
    Place,
    typer.Option(
        "--warehouse",
        parser=parse_place,
        metavar="FILE|ADDRESS",
        help="Warehouse: the file that hclic run makes, or the address of a DuckLake (docs/fleet.md).",
        show_default=False,
    ),
]
AnyWarehouseOrNone = Annotated[
    Place | None,
    typer.Option(
        "--warehouse",
        parser=parse_place,
        metavar="FILE|ADDRESS",
        help="Warehouse file, or address of a DuckLake. Default: OUT/warehouse.duckdb.",
        show_default=False,
    ),
]
WarehouseFile = Annotated[
    Path,
    typer.Option(
        "--warehouse",
        parser=a_file,
        metavar="FILE",
        help="Warehouse file, as hclic run makes it.",
        show_default=False,
    ),
]
WarehouseFileOrNone = Annotated[
    Path | None,
    typer.Option(
        "--warehouse",
        parser=a_file,
        metavar="FILE",
        help="Warehouse file. Default: OUT/warehouse.duckdb.",
        show_default=False,
    ),
]
Authority = Annotated[
    str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
]
QuarterText = Annotated[str | None, typer.Option("--quarter", help="Quarter, like 2025-Q4; by default the newest run.")]
By = Annotated[str | None, typer.Option(help="Who says so; by default the user of this computer.", show_default=False)]
Outs = Annotated[
    list[Path] | None,
    typer.Option(
        "--out", help="Output folder of its runs; by default that of the warehouse. May be given several times."
    ),
]
Others = Annotated[
    list[Path] | None,
    typer.Option("--search", help="Folder that is searched too, and not changed. May be given several times."),
]
Wait = Annotated[int, typer.Option(min=0, help="Minutes to wait for a run, or another program that writes.")]
