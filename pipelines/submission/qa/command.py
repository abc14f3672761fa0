"""What ``hclic qa`` does: reads, keeps what officers said, writes, and says what is left."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.errors import HclicError, UsageError
from pipelines.period import Quarter
from pipelines.place import Lake, Place, of_authority
from pipelines.submission.qa import answers
from pipelines.submission.qa.report import Report, again, make
from pipelines.submission.qa.words import sources, still_open
from pipelines.submission.qa.write import folder_for, write
from pipelines.warehouse import requests
from pipelines.warehouse import returned as returned_by
from pipelines.warehouse.explanations import explanations as kept_explanations
from pipelines.warehouse.explanations import keep_totals, kept_totals, save
from pipelines.warehouse.places import check_there
from pipelines.warehouse.store import Warehouse

_NAMED = 12


@dataclass(frozen=True)
class Done:
    """What was done, in words, and whether the return cannot be signed off yet."""

    text: str
    is_open: bool


@dataclass(frozen=True)
class _Meant:
    authority: str
    quarter: Quarter
    folder: Path
    """The run's output folder."""
    given: Path
    """What the return is read from."""


def report(
    warehouse: Place,
    authority: str | None,
    quarter: str | None,
    *,
    returned: Path | None,
    out: Path | None,
    explanations: Path | None,
    by: str | None,
    profile: str | None,
    at: datetime,
) -> Done:
    """Make the quality report; first keep the explanations of a workbook, where one is given.

    Raises:
        UsageError, InputError, OutputError: as the parts of it say.
    """
    lines: list[str] = []
    given = answers.read_answers(explanations) if explanations is not None else None
    with _opened(warehouse, authority, to_write=given is not None) as store:
        meant = _meant(store, warehouse, authority, quarter, returned)
        made = make(store, meant.authority, meant.quarter, meant.given, profile=profile)
        if given is not None:
            assert explanations is not None
            taken = answers.take(made, given, by=who(by), at=at)
            _save(store, meant, taken.new, at)
            lines += _taken(taken, explanations.name)
            made = again(made, store)
        said = kept_explanations(store.connection, meant.authority, meant.quarter)
        unkept = {key: totals for key, totals in made.to_keep().items() if not kept_totals(store.connection, key)}
    _keep(warehouse, meant.authority, unkept)
    paths, aside = write(made, out or folder_for(meant.folder), at, said)
    if aside is not None:
        lines.append(
            f"The workbook that stood there holds explanations that were not read in. It is kept: {aside}. Read them"
            " with hclic qa --explanations."
        )
    return Done("\n".join([*_summary(made), *lines, *(f"written  {path}" for path in paths)]), bool(made.names_missing))


def _keep(warehouse: Place, authority: str, totals: Mapping[str, Mapping[str, int | None]]) -> None:
    """Keep totals for the quarters to come, where the warehouse is free: they can be counted again at any time."""
    if not totals:
        return
    with suppress(HclicError), Warehouse(of_authority(warehouse, authority)) as store, store.transaction():
        for key, values in totals.items():
            keep_totals(store.connection, key, values)


def explain(
    warehouse: Place,
    authority: str | None,
    quarter: str | None,
    total: str,
    text: str,
    *,
    compared_with: str | None,
    returned: Path | None,
    by: str | None,
    profile: str | None,
    at: datetime,
) -> str:
    """Keep the explanation of one total.

    Raises:
        UsageError, InputError: as the parts of it say.
    """
    beside = None if compared_with is None else str(Quarter.parse(compared_with))
    with _opened(warehouse, authority, to_write=True) as store:
        meant = _meant(store, warehouse, authority, quarter, returned)
        made = make(store, meant.authority, meant.quarter, meant.given, profile=profile)
        new = answers.explain(made, total, text, compared_with=beside, by=who(by), at=at)
        _save(store, meant, new, at)
    done = {one.speaks_of for one in new}
    left = len({one.change.speaks_of for one in made.missing} - done)
    since = " and ".join(one.compared_with for one in new)
    open_words = (
        "Nothing is left to explain."
        if not left
        else f"{left:,} {'change is' if left == 1 else 'changes are'} left to explain."
    )
    return f"Kept the explanation of {new[0].total} beside {since}. {open_words}"


def who(by: str | None) -> str:
    """Who says something: the name given, else that of the computer's user.

    Raises:
        UsageError: neither is known.
    """
    if by is not None and by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("Who says so is not known. Give a name with --by.") from None


@contextmanager
def _opened(warehouse: Place, authority: str | None, *, to_write: bool) -> Iterator[Warehouse]:
    place = of_authority(warehouse, authority)
    check_there(place)
    with Warehouse(place, read_only=not to_write) as store:
        yield store


def _meant(
    store: Warehouse, warehouse: Place, authority: str | None, quarter: str | None, returned: Path | None
) -> _Meant:
    code = authority or store.only_authority()
    chosen = store.newest_quarter(code) if quarter is None else Quarter.parse(quarter)
    chosen.check_has_return()
    if returned is None:
        usual = _newest_folder(store, code, chosen, _home(store, code, chosen, warehouse))
        return _Meant(code, chosen, usual, usual / "return")
    folder = returned.parent if returned.is_file() else returned
    return _Meant(code, chosen, folder.parent if folder.name == "return" else folder, returned)


def _home(store: Warehouse, authority: str, quarter: Quarter, warehouse: Place) -> Path:
    """The folder of the authority's outputs: beside the warehouse, or where its newest run put them."""
    beside = None if isinstance(warehouse, Lake) else warehouse.parent / authority
    if beside is not None and beside.is_dir():
        return beside
    newest = returned_by.newest(store.connection, authority, quarter)
    typed = requests.read(store.connection, newest[0]) if newest else None
    return Path(typed["out"]) / authority if typed and typed.get("out") else beside or Path(authority)


def _newest_folder(store: Warehouse, authority: str, quarter: Quarter, home: Path) -> Path:
    """The output folder of the quarter's newest run: a revision has one of its own."""
    newest = returned_by.newest(store.connection, authority, quarter)
    for folder in sorted(home.glob(f"{quarter}-revision-*")):
        if newest is not None and run_of_folder(folder) == newest[0]:
            return folder
    return home / str(quarter)


def run_of_folder(folder: Path) -> str | None:
    """Id of the run that wrote an output folder; None where that cannot be told."""
    try:
        book = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(book.get("run_id")) if isinstance(book, dict) else None


def _save(store: Warehouse, meant: _Meant, new: tuple[answers.Explanation, ...], at: datetime) -> None:
    if new:
        with store.transaction():
            save(store.connection, meant.authority, meant.quarter, new, at=at)


def _taken(taken: answers.Taken, name: str) -> list[str]:
    many = len(taken.new)
    lines = [f"{many:,} {'explanation' if many == 1 else 'explanations'} of {name} kept."]
    if taken.past:
        lines.append(
            f"{taken.past:,} of its explanations were not taken: they speak of other figures than those of the return"
            " as it is now. Write them into the new workbook if they still hold."
        )
    return lines


def _summary(made: Report) -> list[str]:
    lines = [
        f"Quality report of {made.title}, run {made.returned.run.run_id}",
        *sources(made),
        *made.remarks,
        *still_open(made),
    ]
    names = made.names_missing
    lines += [f"  {name}" for name in names[:_NAMED]]
    if len(names) > _NAMED:
        lines.append(f"  and {len(names) - _NAMED:,} more")
    return lines
