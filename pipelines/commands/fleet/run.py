"""``hclic fleet run`` and ``hclic fleet check``: the runs of many authorities, side by side."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands.run import parameter_of
from pipelines.run.request import CHECK, OPTIONS

LEFT_TO_ROWS = ("export", "authority", "out", "warehouse")
"""Options of a run that the command does not give to all rows as they are."""

Manifest = Annotated[
    str,
    typer.Argument(
        help="CSV with a row for each run and columns named for options of hclic run (authority, export, source,"
        " quarter, …), or a pattern such as 'exports/{authority}/{quarter}'.",
        show_default=False,
    ),
]
Out = Annotated[Path, typer.Option(help="Folder for the outputs of all.", show_default=False)]
Warehouse = Annotated[
    str | None,
    typer.Option(
        help="One warehouse for all: a DuckDB file, which is written by one run at a time, or the address of a DuckLake"
        " (ducklake:postgres:…). Default: a file for each authority, OUT/AUTHORITY/warehouse.duckdb.",
        show_default=False,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        help="Address of a Dask scheduler (tcp://host:8786) whose workers are taken instead of this machine's.",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Workers of this machine, each a process. Default: one a core.", show_default=False),
]
_OWN = {"manifest": Manifest, "out": Out, "warehouse": Warehouse, "scheduler": Scheduler, "workers": Workers}


def run(**given: Any) -> None:
    """Make the runs of many authorities side by side; one that fails stops nobody.

    Each run is one of hclic run, with the options of its row; what is given here holds for every row that does not say
    otherwise. Said again it goes on where it stopped, and what stands unchanged is not made anew. What became of each
    stands in OUT/fleet/QUARTER/summary.csv and summary.html. Exit status: 0 all clean; 1 some blocked; 2 the manifest
    is wrong, and nothing was run; else the worst of all.

    Example: hclic fleet run manifest.csv --out out --quarter 2025-Q3 --source native
    """
    _fleet(given)


def check(**given: Any) -> None:
    """Check the exports of many authorities side by side: hclic fleet run with --only check.

    Example: hclic fleet check manifest.csv --out out --quarter 2025-Q3 --source native
    """
    _fleet({**given, "only": CHECK})


def _fleet(given: dict[str, Any]) -> None:
    from pipelines.commands.console import at_the_edge
    from pipelines.commands.fleet.making import make_fleet
    from pipelines.fleet.manifest import plan

    own = {name: given.pop(name) for name in _OWN}
    rows = plan(
        own["manifest"],
        given,
        out=own["out"],
        warehouse=own["warehouse"],
        started=at_the_edge(),
        folder=Path.cwd(),
    )
    raise typer.Exit(make_fleet(rows, **own))


def _signature(*left_out: str) -> inspect.Signature:
    def own(name: str) -> inspect.Parameter:
        default = inspect.Parameter.empty if name in ("manifest", "out") else None
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=_OWN[name])

    common = [
        parameter_of(replace(one, is_required=False, default=None if one.is_required else one.default))
        for one in OPTIONS
        if one.name not in (*LEFT_TO_ROWS, *left_out)
    ]
    first = own("manifest")
    rest = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in common]
    return inspect.Signature([first, *(own(name) for name in _OWN if name != "manifest"), *rest])


# Typer reads the options from here.
run.__signature__ = _signature()  # type: ignore[attr-defined]
check.__signature__ = _signature("only")  # type: ignore[attr-defined]
