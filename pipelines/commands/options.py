"""Options that several commands have, each said once: the warehouse, whose rows, who asks, and where to look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.authority import authority_code

WarehouseFile = Annotated[
    Path, typer.Option("--warehouse", help="Warehouse file, as hclic run makes it.", show_default=False)
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
