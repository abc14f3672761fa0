"""``hclic forget`` and ``hclic subject``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import Authority, Others, Outs, Wait, WarehouseFile

CaseRef = Annotated[
    str, typer.Argument(help="Reference of the case, as your system or the return has it.", show_default=False)
]


def forget(
    case_ref: CaseRef,
    warehouse: WarehouseFile,
    why: Annotated[str, typer.Option(help="On what grounds, in a sentence.", show_default=False)],
    by: Annotated[str, typer.Option(help="Who says so.", show_default=False)],
    decided: Annotated[
        bool,
        typer.Option(
            "--decided", help="The data protection officer has decided it, though the case is open or in a return."
        ),
    ] = False,
    authority: Authority = None,
    out: Outs = None,
    search: Others = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would go.")] = False,
    delete_backups: Annotated[
        bool, typer.Option("--delete-backups", help="Also delete the known backups, which still hold the case.")
    ] = False,
    wait: Wait = 10,
) -> None:
    """Remove one case from the warehouse and every file, where the law allows it, and prove that it is gone.

    Refused while the case is open, and while it stands in a return within the years that your authority keeps cases:
    UK GDPR, Article 17(3)(b). What goes and stays is as with hclic purge; an export that brings the case again is told.

    Example: hclic forget HL/2024/0815 --warehouse out/warehouse.duckdb --why "Entered by mistake" --by "A. Smith"
    """
    from pipelines.commands.console import at_the_edge
    from pipelines.commands.purge import tell
    from pipelines.keeping.forget import forget as take_out
    from pipelines.keeping.purge import Asked
    from pipelines.warehouse.gone import FORGOTTEN
    from pipelines.warehouse.quarter import open_history

    with open_history(warehouse, authority) as (_, code):
        pass
    asked = Asked(
        warehouse,
        code,
        at_the_edge(),
        outs=tuple(out or [warehouse.parent]),
        others=tuple(search or ()),
        said_by=by,
        seconds=wait * 60.0,
        is_dry=dry_run,
        is_deleting_backups=delete_backups,
        why=FORGOTTEN,
        reason=why,
    )
    tell(take_out(asked, case_ref, is_decided=decided), is_dry=dry_run)


def subject(
    case_ref: CaseRef,
    warehouse: WarehouseFile,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the files; made private.", show_default=False)],
    person: Annotated[
        int | None,
        typer.Option(help="Number of the person in the household; by default the main applicant.", show_default=False),
    ] = None,
    authority: Authority = None,
    outputs: Annotated[
        list[Path] | None,
        typer.Option("--outputs", help="Output folder of its runs; by default that of the warehouse."),
    ] = None,
) -> None:
    """Gather all that is held about a person, for a subject access request: a page, a workbook and JSON.

    Every table of the warehouse is read and every output file searched. What is of other people is marked: look at it
    before you hand anything out. On screen stand counts alone.

    Example: hclic subject HL/2024/0815 --warehouse out/warehouse.duckdb --out request-17
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.keeping.subject import gather
    from pipelines.keeping.subject_files import write
    from pipelines.warehouse.quarter import open_history

    with open_history(warehouse, authority) as (_, code):
        pass
    found = gather(warehouse, code, case_ref, at_the_edge(), person=person, outs=tuple(outputs or [warehouse.parent]))
    for path in write(found, out_folder):
        say(f"written  {path}")
    say(
        f"{len(found.items):,} items from {len(found.places):,} places; {found.of_others:,} are about other people or"
        f" staff: look at them before you hand anything out. {len(found.files):,} output files hold the case."
    )
    if count := found.other_cases:
        cases = f"{count:,} other case{'' if count == 1 else 's'}"
        say(f"The same person may stand in {cases}, named in the files. If so, run hclic subject for each.")
