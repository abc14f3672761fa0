"""``hclic people``: the same person under two references."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.authority import authority_code
from pipelines.commands.options import AnyWarehouse

if TYPE_CHECKING:
    from pipelines.place import Place
    from pipelines.warehouse.store import Warehouse

app = typer.Typer(no_args_is_help=True, help="The same person under two references: candidates, answers, numbers.")

Authority = Annotated[
    str | None, typer.Option(callback=authority_code, help="GSS code, if the warehouse holds several.")
]
By = Annotated[str, typer.Option("--by", help="Who answers.", show_default=False)]
First = Annotated[
    str,
    typer.Argument(
        help="A person, like E06000034_000000030363/1; a case's reference alone means its main applicant.",
        show_default=False,
    ),
]
Second = Annotated[str, typer.Argument(help="The other one.", show_default=False)]


@app.callback()
def people() -> None:
    """The same person under two references: candidates, answers, numbers."""


@app.command("candidates")
def candidates(
    warehouse: AnyWarehouse,
    out: Annotated[Path, typer.Option(help="Folder for the workbook and the list.", show_default=False)],
    authority: Authority = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="Least weight of a pair, in bits; by default -2. Lower lists more (docs/same-person.md)."),
    ] = None,
) -> None:
    """List the pairs of people who may be one, with the weight and the reasons in words, for an officer to answer.

    Needs the extra "people". Everybody of every run is compared; the members of one household are not. The files hold
    references, no names, and are for their owner alone.

    Example: hclic people candidates --warehouse out/warehouse.duckdb --authority E06000034 --out people
    """
    from pipelines.authority import authority_name
    from pipelines.commands.console import at_the_edge, progress, say
    from pipelines.people.candidates import LIKELIHOODS, POSSIBLE, THRESHOLD, find_candidates
    from pipelines.people.extra import require_splink
    from pipelines.people.files import write_candidates
    from pipelines.warehouse.quarter import open_history

    require_splink()
    with open_history(warehouse, authority) as (store, code), progress() as show:
        show("comparing people")
        found = find_candidates(store, code, THRESHOLD if threshold is None else threshold)
    written = write_candidates(found, out, authority=authority_name(code), made=at_the_edge())
    say(f"{found.people:,} people in {found.cases:,} cases were compared, from run {found.recorded.run_id} back.")
    say(_line("pairs to answer", found.to_answer.height))
    counted = found.to_answer["likelihood"].value_counts()
    by_words = dict(counted.iter_rows())
    for words in (*(words for _, words in LIKELIHOODS), POSSIBLE):
        say(_line(f"  {words}", by_words.get(words, 0)))
    say(_line("answered before", found.answered.height))
    for path in written:
        say(f"written  {path}")
    say(f"Next: fill in Your answer, then hclic people answers {written[0]} --warehouse {warehouse} --by NAME")


@app.command("answers")
def answers(
    file: Annotated[Path, typer.Argument(help="The workbook or list with the answers.", show_default=False)],
    warehouse: AnyWarehouse,
    by: By,
    authority: Authority = None,
) -> None:
    """Read the answers out of the workbook that hclic people candidates wrote, and keep them.

    Answers: same, same case, not the same, not sure. What was answered before in the same way is not kept twice.

    Example: hclic people answers people/same_person.xlsx --warehouse out/warehouse.duckdb --by "A. Officer"
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.people.answers import DECISIONS, FILE
    from pipelines.people.deciding import decide
    from pipelines.people.files import as_words, read_answers

    read = read_answers(file)
    with _open(warehouse, authority) as (store, code):
        kept = decide(store, code, read, said_by=by, said_on=at_the_edge(), came_from=FILE)
    say(_line("answers read", len(read)))
    for decision in DECISIONS:
        said = sum(answer.decision == decision for answer in read)
        say(_line(f"  {as_words(decision, is_one_case=False)}", said))
    say(_line("not kept before", kept.count))
    _say_contradictions(kept.contradictions)


@app.command("confirm")
def confirm(
    a: First,
    b: Second,
    warehouse: AnyWarehouse,
    by: By,
    authority: Authority = None,
    one_case: Annotated[
        bool, typer.Option("--one-case", help="The two references are one case, keyed again under a new one.")
    ] = False,
) -> None:
    """Keep that two references are one person: they share a person number from then on.

    Example: hclic people confirm E06000034_000000000012/1 E06000034_000000030363/1 --warehouse out/warehouse.duckdb
    --by "A. Officer"
    """
    from pipelines.people.answers import SAME

    _answer(warehouse, authority, a, b, SAME, by, one_case=one_case)


@app.command("reject")
def reject(a: First, b: Second, warehouse: AnyWarehouse, by: By, authority: Authority = None) -> None:
    """Keep that two references are two people: the pair is not asked again unless what is recorded of them changes.

    It takes a confirmation back, too.

    Example: hclic people reject E06000034_000000000012/1 E06000034_000000030363/1 --warehouse out/warehouse.duckdb
    --by "A. Officer"
    """
    from pipelines.people.answers import DIFFERENT

    _answer(warehouse, authority, a, b, DIFFERENT, by, one_case=False)


@app.command("numbers")
def numbers(
    warehouse: AnyWarehouse,
    authority: Authority = None,
    out: Annotated[
        Path | None, typer.Option(help="Write every person's number to this CSV.", show_default=False)
    ] = None,
) -> None:
    """Give everybody a person number, shared by references confirmed to be one person, and say how many there are.

    A number once given is kept over runs and quarters.

    Example: hclic people numbers --warehouse out/warehouse.duckdb --out person_numbers.csv
    """
    from pipelines.commands.console import say
    from pipelines.people.deciding import numbered
    from pipelines.people.files import write_private

    with _open(warehouse, authority) as (store, code):
        found = numbered(store, code)
    say(_line("people as recorded", found.listed.height))
    say(_line("person numbers", found.listed["person_number"].n_unique()))
    say(_line("with several references", found.several))
    say(_line("given now", found.given))
    _say_contradictions(found.contradictions)
    if out is not None:
        write_private(found.listed, out)
        say(f"written  {out}")


@app.command("rekeyed")
def rekeyed(
    warehouse: AnyWarehouse,
    out: Annotated[Path, typer.Option(help="The migration map to write or to add to.", show_default=False)],
    authority: Authority = None,
) -> None:
    """Write the cases that were keyed again, out of the confirmed pairs, as a migration map for the next run.

    A case is taken as keyed again where both people are main applicants, both cases have one application date and no
    export has both; or where the officer said so.

    Example: hclic people rekeyed --warehouse out/warehouse.duckdb --out migration_map.csv
    """
    from pipelines.commands.console import say
    from pipelines.people.rekeyed import people_now, write_map
    from pipelines.warehouse.quarter import open_history

    with open_history(warehouse, authority) as (store, code):
        recorded, found = people_now(store, code)
        rows = write_map(store, recorded, found, out)
    say(_line("cases keyed again", len(found.to_give)))
    say(_line("sent under their first reference", len(found.done)))
    if rows:
        say(f"written  {out}, with {rows:,} in all")
        say(f"Next: hclic run … --migration-map {out}")


def _answer(warehouse: Place, authority: str | None, a: str, b: str, decision: str, by: str, *, one_case: bool) -> None:
    from pipelines.commands.console import at_the_edge, say
    from pipelines.people.answers import COMMAND
    from pipelines.people.deciding import decide
    from pipelines.people.files import Read, as_words

    said = Read(a, b, decision, one_case, None)
    with _open(warehouse, authority) as (store, code):
        kept = decide(store, code, [said], said_by=by, said_on=at_the_edge(), came_from=COMMAND)
    before = "" if kept.count else " That was kept before."
    say(f"{a} and {b}: {as_words(decision, is_one_case=one_case)}.{before}")
    _say_contradictions(kept.contradictions)


@contextmanager
def _open(warehouse: Place, authority: str | None) -> Iterator[tuple[Warehouse, str]]:
    """The warehouse to write to, which must be there, and the authority."""
    from pipelines.authority import check_authority
    from pipelines.place import of_authority
    from pipelines.warehouse.places import check_there
    from pipelines.warehouse.store import Warehouse

    if authority is not None:
        check_authority(authority)
    place = of_authority(warehouse, authority)
    check_there(place)
    with Warehouse(place) as store:
        yield store, authority or store.only_authority()


def _line(words: str, count: int) -> str:
    return f"{words:<32}{count:>9,}"


def _say_contradictions(found: tuple[str, ...]) -> None:
    from pipelines.commands.console import say

    for sentence in found:
        say(sentence)
