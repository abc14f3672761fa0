"""``hclic findings``: what the warehouse knows of the findings, and what people say of them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import AnyWarehouse, Authority, By, QuarterText

if TYPE_CHECKING:
    from pipelines.place import Place
    from pipelines.warehouse.store import Warehouse

app = typer.Typer(
    name="findings",
    help="The findings that the warehouse keeps: list them, note something of one, waive some.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FindingId = Annotated[str, typer.Argument(help="Id of the finding, as findings.csv has it.", show_default=False)]


class Format(StrEnum):
    """How rows are shown."""

    table = "table"
    csv = "csv"
    json = "json"


class State(StrEnum):
    """States of a finding."""

    new = "new"
    open = "open"
    back = "back"
    waived = "waived"
    resolved = "resolved"


class Kind(StrEnum):
    """Kinds of finding."""

    fix = "fix"
    tidy = "tidy"
    casework = "casework"


@app.command("list")
def list_findings(
    warehouse: AnyWarehouse,
    authority: Authority = None,
    quarter: QuarterText = None,
    state: Annotated[State | None, typer.Option(help="Only those in this state; back: come back.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only those of this kind.")] = None,
    officer: Annotated[str | None, typer.Option(help="Only those on cases of this officer.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only those of this rule.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How the findings are shown.")] = Format.table,
) -> None:
    """List the findings of the newest run, without values of the data and without what was noted.

    Example: hclic findings list --warehouse out/warehouse.duckdb --state new --kind fix
    """
    from pipelines.commands.console import say
    from pipelines.run.kept_findings import in_form, listed

    with _opened(warehouse, authority) as store:
        rows, words = listed(
            store,
            authority=authority or store.only_authority(),
            quarter=quarter,
            state=None if state is None else {"back": "come back"}.get(state.value, state.value),
            kind=None if kind is None else kind.value,
            officer=officer,
            rule=rule,
        )
    say(in_form(rows, form.value, words))


@app.command("note")
def note(
    finding_id: FindingId,
    text: Annotated[str, typer.Argument(help="What is to be known of it.", show_default=False)],
    warehouse: AnyWarehouse,
    by: By = None,
    authority: Authority = None,
) -> None:
    """Note something of a finding; the last note is shown with it in the next run, and all are kept.

    Example: hclic findings note 3f0c5e0f1d2b4a69 "Landlord asked for the date" --by "A. Smith"
    --warehouse out/warehouse.duckdb
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.run.kept_findings import note_of
    from pipelines.who import this_user

    with _opened(warehouse, authority, to_write=True) as store:
        code = authority or store.only_authority()
        note_of(store, code, finding_id, text, by=by or this_user(), on=at_the_edge())
    say(f"Noted of finding {finding_id}. The next run shows it.")


@app.command("notes")
def notes(
    warehouse: AnyWarehouse,
    out: Annotated[Path, typer.Option(help="CSV file for the notes.", show_default=False)],
    finding_id: Annotated[str | None, typer.Option("--finding", help="Only those on this finding.")] = None,
    authority: Authority = None,
) -> None:
    """Write every note that was ever made into a CSV file: of which finding, what, by whom, on which day.

    Example: hclic findings notes --warehouse out/warehouse.duckdb --out notes.csv
    """
    from pipelines.commands.console import say
    from pipelines.run.kept_findings import write_notes

    with _opened(warehouse, authority) as store:
        count = write_notes(store, authority or store.only_authority(), finding_id, out)
    say(f"{count:,} {'note' if count == 1 else 'notes'} written to {out}. Handle the file as personal data.")


@app.command("waive")
def waive(
    warehouse: AnyWarehouse,
    owner: Annotated[str, typer.Option(help="Who answers for it.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why it is right so.", show_default=False)],
    expires: Annotated[str, typer.Option(help="Last day of the waiver (YYYY-MM-DD).", show_default=False)],
    finding_id: Annotated[str | None, typer.Argument(help="Id of a finding of the newest run.")] = None,
    rule: Annotated[str | None, typer.Option(help="Instead of an id: the rule.")] = None,
    case: Annotated[str | None, typer.Option(help="With --rule: only this case, by either reference.")] = None,
    record: Annotated[str | None, typer.Option(help="With --case: only this record, like placement_no=2.")] = None,
    by: By = None,
    authority: Authority = None,
) -> None:
    """Waive a finding, or a rule: from the next run on it is a warning that says who answers for it, until a day.

    Example: hclic findings waive --rule L-05 --owner "Team lead" --reason "Agreed with MHCLG" --expires 2026-03-31
    --warehouse out/warehouse.duckdb
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.run.kept_findings import give_waiver
    from pipelines.who import this_user

    with _opened(warehouse, authority, to_write=True) as store:
        number = give_waiver(
            store,
            authority or store.only_authority(),
            {"finding_id": finding_id, "rule_id": rule, "case_ref": case, "record_key": record},
            {"owner": owner, "reason": reason, "expires": expires},
            by=by or this_user(),
            on=at_the_edge(),
        )
    say(f"Waiver {number} is given. The next run applies it.")


@app.command("unwaive")
def unwaive(
    number: Annotated[int, typer.Argument(help="Number of the waiver.", show_default=False)],
    warehouse: AnyWarehouse,
    by: By = None,
    authority: Authority = None,
) -> None:
    """Withdraw a waiver: from the next run on what it covered is open again.

    Example: hclic findings unwaive 3 --warehouse out/warehouse.duckdb
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.warehouse import waivers
    from pipelines.who import this_user

    with _opened(warehouse, authority, to_write=True) as store, store.transaction():
        code = authority or store.only_authority()
        waivers.withdraw(store.connection, code, number, on=at_the_edge(), by=by or this_user())
    say(f"Waiver {number} is withdrawn. From the next run on what it covered is open again.")


@app.command("waivers")
def list_waivers(warehouse: AnyWarehouse, authority: Authority = None) -> None:
    """List the waivers that the warehouse keeps and that were not withdrawn.

    Example: hclic findings waivers --warehouse out/warehouse.duckdb
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.run.kept_findings import waivers_shown

    with _opened(warehouse, authority) as store:
        say(waivers_shown(store, authority or store.only_authority(), at_the_edge().date()))


def _opened(warehouse: Place, authority: str | None, *, to_write: bool = False) -> Warehouse:
    from pipelines.place import of_authority
    from pipelines.warehouse.places import check_there
    from pipelines.warehouse.store import Warehouse

    place = of_authority(warehouse, authority)
    check_there(place)
    return Warehouse(place, read_only=not to_write)
