"""Arguments that several commands of ``hclic fleet`` have."""

from __future__ import annotations

from typing import Annotated

import typer

Address = Annotated[
    str,
    typer.Argument(help="Address of the DuckLake: 'ducklake:postgres:dbname=hclic host=…'.", show_default=False),
]
