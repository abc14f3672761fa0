"""``hclic words``: the words of the authority's own that may stand in what is shared."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse

app = typer.Typer(
    name="words",
    help="Names of teams and sites that may stand in what is shared: list them, confirm some, withdraw one.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Authority = Annotated[
    str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
]
By = Annotated[str | None, typer.Option(help="Who says so. Default: the user of this computer.")]
Kind = Annotated[str, typer.Option(help="What it names: team, site, cost_centre or lha_area.")]


@app.command("list")
def list_words(warehouse: AnyWarehouse, authority: Authority = None) -> None:
    """List the words that are confirmed, and those of the newest run that are withheld from what is shared.

    A text of the newest run that few cases share, or that looks like something of a person, is counted and not shown.

    Example: hclic words list --warehouse out/warehouse.duckdb
    """
    from pipelines.commands.console import say
    from pipelines.finance.mart.local_texts import words_listed

    for line in words_listed(warehouse, authority):
        say(line)


@app.command("confirm")
def confirm(
    words: Annotated[list[str], typer.Argument(help="The words, each in quotes.", show_default=False)],
    warehouse: AnyWarehouse,
    kind: Kind = "team",
    by: By = None,
    authority: Authority = None,
) -> None:
    """Confirm that words name a team or a site and nobody: from the next edition on they stand in what is shared.

    A word that looks like a telephone number, an e-mail address, a National Insurance number, a case reference, a date
    or a person with title is refused. What is not confirmed is withheld: its rows are one row, "withheld".

    Example: hclic words confirm "Families North" "Single people" --warehouse out/warehouse.duckdb --by "A. Smith"
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.place import of_authority
    from pipelines.warehouse import words as kept
    from pipelines.warehouse.places import check_there
    from pipelines.warehouse.store import Warehouse
    from pipelines.who import this_user

    place = of_authority(warehouse, authority)
    check_there(place)
    with Warehouse(place) as store, store.transaction():
        code = authority or store.only_authority()
        now, who = at_the_edge(), by or this_user()
        numbers = [kept.confirm(store.connection, code, kind, word, by=who, on=now) for word in words]
    new = sum(number is not None for number in numbers)
    was = len(numbers) - new
    say(f"{new:,} confirmed" + (f", {was:,} had been before." if was else "."))


@app.command("withdraw")
def withdraw(
    word: Annotated[str, typer.Argument(help="The word, in quotes.", show_default=False)],
    warehouse: AnyWarehouse,
    kind: Kind = "team",
    by: By = None,
    authority: Authority = None,
) -> None:
    """Withdraw a word: from the next edition on it is withheld. What has been shared is not called back.

    Example: hclic words withdraw "Families North" --warehouse out/warehouse.duckdb
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.place import of_authority
    from pipelines.warehouse import words as kept
    from pipelines.warehouse.places import check_there
    from pipelines.warehouse.store import Warehouse
    from pipelines.who import this_user

    place = of_authority(warehouse, authority)
    check_there(place)
    with Warehouse(place) as store, store.transaction():
        code = authority or store.only_authority()
        kept.withdraw(store.connection, code, kind, word, on=at_the_edge(), by=by or this_user())
    say("Withdrawn. From the next edition on it is withheld.")
