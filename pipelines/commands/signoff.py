"""``hclic signoff``: who answers for the return of a quarter, from draft to submitted."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouseOrNone

if TYPE_CHECKING:
    from pipelines.place import Place
    from pipelines.submission.sign_off import Of, Said

app = typer.Typer(
    name="signoff",
    help="Sign off the return of a quarter: draft, checked, signed off, submitted. What is signed off stays as it is.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

QuarterText = Annotated[str, typer.Option("--quarter", help="Calendar quarter, like 2025-Q4.", show_default=False)]
Out = Annotated[Path, typer.Option(help="Folder of the outputs, as hclic run was given it.", show_default=False)]
Authority = Annotated[
    str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
]
By = Annotated[str | None, typer.Option(help="Who says so. Default: the user of this computer.")]
Why = Annotated[str, typer.Option(help="Why, in a sentence that others will read.", show_default=False)]
Levels = Annotated[
    list[str] | None,
    typer.Option(
        help="How thoroughly sections were checked: main=audited,people=sampled (audited, sampled, checked or"
        " not_checked; all= stands for those not named), or a CSV or TOML file of them.",
        show_default=False,
    ),
]


class Form(StrEnum):
    """How states are shown."""

    table = "table"
    json = "json"


class Fit(StrEnum):
    """An answer."""

    yes = "yes"
    no = "no"


@app.command("status")
def status(
    warehouse: AnyWarehouseOrNone = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the outputs: whether the files there are as signed off is said too.")
    ] = None,
    quarter: Annotated[str | None, typer.Option("--quarter", help="Only this quarter, like 2025-Q4.")] = None,
    authority: Authority = None,
    form: Annotated[Form, typer.Option("--format", help="How the states are shown.")] = Form.table,
) -> None:
    """Say in which state each return is, who said so and why, and whether its files are still as they were signed off.

    Example: hclic signoff status --out out
    """
    from pipelines.commands.console import say
    from pipelines.errors import UsageError
    from pipelines.period import Quarter
    from pipelines.submission.status import in_form, standings
    from pipelines.warehouse.quarter import looked_in

    if warehouse is None and out is None:
        raise UsageError("Name the folder of the outputs with --out, or the warehouse with --warehouse.")
    wanted = None if quarter is None else Quarter.parse(quarter)
    with looked_in(warehouse or (out or Path()) / "warehouse.duckdb", authority) as store:
        rows = standings(store, authority or store.only_authority(), wanted, out)
    say(in_form(rows, form.value))


@app.command("check")
def check(
    quarter: QuarterText,
    out: Out,
    why: Why,
    levels: Levels = None,
    by: By = None,
    warehouse: AnyWarehouseOrNone = None,
    authority: Authority = None,
) -> None:
    """Say that the newest return of a quarter was checked, and how thoroughly each section was.

    Said again, of other sections, it is added. A later run writes a new draft, which has to be checked anew.

    Example: hclic signoff check --quarter 2025-Q3 --out out --levels all=sampled,main=audited
    --by "A. Officer" --why "Compared with the caseload report"
    """
    from pipelines.commands.console import say
    from pipelines.submission.levels import sections_without
    from pipelines.submission.sign_off import check as checked

    now = checked(_of(quarter, out, warehouse, authority), _said(by, why, levels))
    lacking = sections_without(now.levels)
    rest = f" These sections have no level yet: {', '.join(lacking)}." if lacking else ""
    say(f"The return is checked, says {now.said_by}.{rest} Next: hclic signoff sign, by another person.")


@app.command("sign")
def sign(
    quarter: QuarterText,
    out: Out,
    why: Why,
    fit: Annotated[Fit, typer.Option("--fit-to-publish", help="Are the data fit to publish?", show_default=False)],
    evidence: Annotated[
        str, typer.Option(help="On which evidence: which checks were made, with which result.", show_default=False)
    ],
    levels: Levels = None,
    by: By = None,
    one_person: Annotated[
        str | None,
        typer.Option(
            help="Where whoever checked the return has to sign it too: why there is no second person. It stands on the"
            " sheet.",
            metavar="REASON",
        ),
    ] = None,
    return_profile: Annotated[
        str | None,
        typer.Option(
            help="Folder of the official pack, if it is no longer where the run found it.", show_default=False
        ),
    ] = None,
    warehouse: AnyWarehouseOrNone = None,
    authority: Authority = None,
) -> None:
    """Sign the checked return off: its bytes are kept, and no run overwrites it.

    The files on disk become read-only; a sheet is written beside them, in sign_off/. To correct what is signed off,
    make a revision with hclic revise.

    Example: hclic signoff sign --quarter 2025-Q3 --out out --fit-to-publish yes --evidence "Totals agree with
    the monthly report" --by "B. Manager" --why "Agreed at the data meeting"
    """
    from pipelines.commands.console import say
    from pipelines.submission.sheet import PAGE, SHEETS
    from pipelines.submission.sign_off import Answers
    from pipelines.submission.sign_off import sign as signed

    answers = Answers(fit=fit is Fit.yes, evidence=evidence, one_person=one_person, return_profile=return_profile)
    folder = signed(_of(quarter, out, warehouse, authority), _said(by, why, levels), answers)
    say(f"The return is signed off and frozen. Sheet: {folder / SHEETS / PAGE}")
    say("Next: submit it on DELTA, then hclic signoff submit with what DELTA answered.")


@app.command("submit")
def submit(
    quarter: QuarterText,
    out: Out,
    receipt: Annotated[str, typer.Option(help="What DELTA answered: its words or its reference.", show_default=False)],
    why: Annotated[str, typer.Option(help="Anything that others should know.")] = "Submitted on DELTA.",
    by: By = None,
    warehouse: AnyWarehouseOrNone = None,
    authority: Authority = None,
) -> None:
    """Record that the signed-off return was submitted, and its receipt. Nothing is sent: you upload the files yourself.

    Example: hclic signoff submit --quarter 2025-Q3 --out out --receipt "Accepted 14 October, 868 cases"
    --by "A. Officer"
    """
    from pipelines.commands.console import say
    from pipelines.submission.sign_off import submit as submitted

    submitted(_of(quarter, out, warehouse, authority), _said(by, why), receipt)
    say("It is recorded that the return was submitted.")


@app.command("withdraw")
def withdraw(
    quarter: QuarterText,
    out: Out,
    why: Why,
    by: By = None,
    warehouse: AnyWarehouseOrNone = None,
    authority: Authority = None,
) -> None:
    """Take back that the newest return was checked. A sign-off is not taken back: make a revision with hclic revise.

    Example: hclic signoff withdraw --quarter 2025-Q3 --out out --by "A. Officer" --why "The wrong export was read"
    """
    from pipelines.commands.console import say
    from pipelines.submission.sign_off import withdraw as withdrawn

    withdrawn(_of(quarter, out, warehouse, authority), _said(by, why))
    say("The return is a draft again.")


@app.command("sheet")
def sheet(quarter: QuarterText, out: Out, warehouse: AnyWarehouseOrNone = None, authority: Authority = None) -> None:
    """Write the sheet of the return that is signed off again, from what the warehouse keeps.

    Example: hclic signoff sheet --quarter 2025-Q3 --out out
    """
    from pipelines.commands.console import say
    from pipelines.submission.sign_off import write_sheet

    say(f"written  {write_sheet(_of(quarter, out, warehouse, authority))}")


@app.command("restore")
def restore(quarter: QuarterText, out: Out, warehouse: AnyWarehouseOrNone = None, authority: Authority = None) -> None:
    """Write the files of the return that is signed off again, byte for byte, where one is missing or was changed.

    Example: hclic signoff restore --quarter 2025-Q3 --out out
    """
    from pipelines.commands.console import say
    from pipelines.submission.sign_off import restore as restored

    folder, written = restored(_of(quarter, out, warehouse, authority))
    for name in written:
        say(f"written  {folder / name}")
    say(
        "The return stands as it was signed off."
        if written
        else "Nothing was missing: the return stands as signed off."
    )


def _of(quarter: str, out: Path, warehouse: Place | None, authority: str | None) -> Of:
    from pipelines.paths import refuse_address
    from pipelines.period import Quarter
    from pipelines.submission.sign_off import Of
    from pipelines.warehouse.quarter import looked_in

    wanted, file = Quarter.parse(quarter), warehouse or out / "warehouse.duckdb"
    refuse_address(out, "output folder")
    if authority is None:
        with looked_in(file) as store:
            authority = store.only_authority()
    return Of(authority, wanted, out, file)


def _said(by: str | None, why: str, levels: list[str] | None = None) -> Said:
    from pipelines.commands.console import at_the_edge
    from pipelines.submission.sign_off import Said
    from pipelines.who import this_user

    return Said(this_user() if by is None else by, at_the_edge(), why, tuple(levels or ()))
