"""``hclic doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import WarehouseFileOrNone


def doctor(
    context: typer.Context,
    warehouse: WarehouseFileOrNone = None,
    out: Annotated[Path, typer.Option(help="Folder for the outputs.")] = Path("out"),
) -> None:
    """Look whether this machine is ready: versions, rights, room, keys, clock, warehouse, schedules.

    Each line is ok, a warning or a fault, with what to do. Exit status 0, or 1 where there is a fault. Nothing is
    changed, and no case and no key is shown. The Prefect server that PREFECT_API_URL names is asked, and nothing else.

    Example: hclic doctor --out out
    """
    import os
    from collections import Counter

    from pipelines.commands.console import at_the_edge, say
    from pipelines.setup.doctor import FAULT, OK, WARNING, Machine, look

    machine = Machine(
        now=at_the_edge(),
        environment=os.environ,
        warehouse=warehouse or out / "warehouse.duckdb",
        out=out,
        configuration=context.obj,
    )
    counts: Counter[str] = Counter()
    for line in look(machine):
        counts[line.level] += 1
        say(f"{line.level:8} {line.about:18} {line.words}")
        if line.what_to_do:
            say(f"{'':27} → {line.what_to_do}")
    say(f"\n{counts[OK]} ok, {_counted(counts[WARNING], WARNING)}, {_counted(counts[FAULT], FAULT)}")
    raise typer.Exit(1 if counts[FAULT] else 0)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
