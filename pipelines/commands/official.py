"""``hclic official check`` and ``hclic official compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Work with the files that an authority gets from MHCLG.")


@app.callback()
def official() -> None:
    """Work with the files that an authority gets from MHCLG."""


@app.command("check")
def check(
    pack: Annotated[
        str, typer.Argument(help="Folder with profile.toml, XSD and optional Schematron.", show_default=False)
    ],
) -> None:
    """Compare a return profile with its XSD and say what is unmapped. Exit status 2 if the pack would be refused.

    Example: hclic official check official/2026
    """
    from pipelines.commands.console import say
    from pipelines.emit.returns.official import check_pack, describe_report
    from pipelines.errors import UsageError

    report = check_pack(pack)
    say(describe_report(report))
    if report.refusals:
        raise UsageError(f"The pack is refused: what is missing or wrong is listed above ({len(report.refusals)}).")


@app.command("compare")
def compare(
    response: Annotated[
        Path, typer.Argument(help="List of errors that the portal returned: CSV or workbook.", show_default=False)
    ],
    run_folder: Annotated[
        Path, typer.Option(help="Outputs of the run: OUT/<authority>/<quarter>.", show_default=False)
    ],
    columns: Annotated[
        str | None,
        typer.Option(
            help='Its headings: case="Case Ref",field=Element,message="Error text",rule=Code; or a TOML file.'
        ),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a workbook. Default: the first with the headings.")
    ] = None,
    decided: Annotated[
        Path | None, typer.Option(help="rules_to_write.csv of an earlier comparison, with rule_id filled in.")
    ] = None,
    return_profile: Annotated[
        str, typer.Option(help="Return profile whose element names the portal uses.")
    ] = "provisional",
    out: Annotated[Path | None, typer.Option(help="Folder to write. Default: portal/ in the run's folder.")] = None,
) -> None:
    """Lay what a portal said beside our findings of the run: agreed, ours only, theirs only, and the rules to write.

    Example: hclic official compare errors.xlsx --run-folder out/E06000034/2025-Q4 --columns case="Case Ref"
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.emit.returns.official import load_profile
    from pipelines.emit.returns.portal.compare import compare as lay_beside
    from pipelines.emit.returns.portal.compare import read_decided, read_run
    from pipelines.emit.returns.portal.files import frames, summary, write
    from pipelines.emit.returns.portal.response import parse_columns, read_response
    from pipelines.emit.returns.portal.words import FieldNames
    from pipelines.paths import refuse_address

    folder = out or run_folder / "portal"
    refuse_address(folder, "output folder")
    headings = parse_columns(columns)
    names = FieldNames.of(load_profile(return_profile))
    run = read_run(run_folder)
    found = lay_beside(run, read_response(response, headings, sheet), names, read_decided(decided))
    made = frames(found)
    written = write(made, folder, title=run.title, made=at_the_edge())
    say(summary(found, made))
    say("\n" + "\n".join(f"written  {path}" for path in written))
