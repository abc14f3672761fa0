"""``hclic compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RUN_HELP = "Run: its id or the end of it, 2025-Q3, newest, signed-off or 2025-Q3/signed-off."
WarehouseFile = Annotated[Path, typer.Option(help="Warehouse file.", show_default=False)]
AuthorityOf = Annotated[
    str | None,
    typer.Option(help="GSS code of the authority. Default: the only one of the warehouse.", show_default=False),
]
