"""The maps of references that an authority gives: read, and refused where they cannot be right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.authority import current_code
from pipelines.errors import InputError, UsageError
from pipelines.side_files import SideRow, read_rows, rows_named
from schemas.codelists import codelist
from schemas.sections import CASE_REF_PATTERN

MAP_SCHEMA = {"local_ref": pl.String(), "case_ref": pl.String(), "origin": pl.String()}
MIGRATION_COLUMNS = ("new_reference", "old_reference")

LOADED = "loaded"
# Origins of which a case may have several: it was re-keyed, or its local reference changed in the export.
_SEVERAL = ("migration", "export")
_ORIGINS = ("padded", "issued", LOADED, *_SEVERAL)

_HCLIC = re.compile(CASE_REF_PATTERN)
_ANY_CASE = re.compile(CASE_REF_PATTERN, re.IGNORECASE)


@dataclass(frozen=True)
class Migrations:
    """A migration map: the new reference of a re-keyed case to the one before it, and the row that says so."""

    to_old: Mapping[str, str]
    rows: Mapping[str, int] = field(default_factory=dict)
    """Row by new reference."""
    file: str = "migration map"

    def __bool__(self) -> bool:
        return bool(self.to_old)

    def firsts(self, refs: Iterable[str]) -> tuple[dict[str, str], set[str]]:
        """The reference that each one's chain begins with, and every new reference met on the way."""
        found: dict[str, str] = {}
        met: set[str] = set()
        for ref in refs:
            path: list[str] = []
            here = ref
            while here in self.to_old and here not in found:
                path.append(here)
                here = self.to_old[here]
            met.update(path)
            start = found.get(here, here)
            found.update(dict.fromkeys([*path, here], start))
            found[ref] = start
        return found, met


def in_capitals(ref: str) -> str:
    """An H-CLIC reference with the authority's code in capitals; any other as it is."""
    return ref.upper() if _ANY_CASE.fullmatch(ref) else ref


def is_in_small_letters(ref: pl.Expr) -> pl.Expr:
    """Whether it is an H-CLIC reference but for the case of the authority's code."""
    return ref.str.contains(rf"(?i:{CASE_REF_PATTERN})") & ~ref.str.contains(CASE_REF_PATTERN)


class Names:
    """Cases by any of their names: the H-CLIC reference, the local one, each in any case of letters."""

    def __init__(self, to_case: Mapping[str, str]) -> None:
        self._exact = to_case
        self._folded: dict[str, str] | None = None

    def case(self, name: str) -> str:
        """The H-CLIC reference of the case; the name itself where no case, or more than one, is called so."""
        plain = in_capitals(name)
        if plain in self._exact:
            return self._exact[plain]
        if self._folded is None:
            folded: dict[str, set[str]] = {}
            for local, case in self._exact.items():
                folded.setdefault(local.casefold(), set()).add(case)
            self._folded = {local: next(iter(cases)) for local, cases in folded.items() if len(cases) == 1}
        return self._folded.get(plain.casefold(), plain)


def empty_map() -> pl.DataFrame:
    """A reference map without rows."""
    return pl.DataFrame(schema=MAP_SCHEMA)


def read_map(path: Path, authority: str) -> pl.DataFrame:
    """A reference map as written beside every run: one row per local reference.

    Raises:
        InputError: the file cannot be read, lacks a column, has a blank, gives one local reference twice, one case to
            two of them, references that cross, or cases of another authority.
    """
    rows = read_rows(path, ("local_ref", "case_ref"), what="reference map", optional=("origin",))
    to_case: dict[str, str] = {}
    number_of: dict[str, int] = {}
    first_of_case: dict[str, int] = {}
    found = []
    for row in rows:
        _refuse_blank(row, ("local_ref", "case_ref"))
        local, case = in_capitals(row.cells["local_ref"]), in_capitals(row.cells["case_ref"])
        if not _HCLIC.fullmatch(case):
            raise InputError(f"{row.at('case_ref')}: it is not of the form E06000034_000000030363.")
        if local in to_case:
            raise InputError(
                f"{row.place}, gives the local_ref of row {number_of[local]} again. Keep one row for each."
            )
        if local != case:
            _refuse_foreign(row, "case_ref", authority)
        origin = row.cells["origin"] if row.cells["origin"] in _ORIGINS else LOADED
        if origin not in _SEVERAL:
            if case in first_of_case:
                raise InputError(
                    f"{row.place}, gives the case_ref of row {first_of_case[case]} to another local_ref: two cases"
                    " would become one. Keep one row; a re-keyed case has the origin migration."
                )
            first_of_case[case] = row.number
        to_case[local], number_of[local] = case, row.number
        found.append({"local_ref": local, "case_ref": case, "origin": origin})
    for local, case in to_case.items():
        if local != case and to_case.get(case, case) != case:
            raise InputError(
                f"The reference map {path.name}, rows {number_of[local]} and {number_of[case]}: the references cross."
                " The case_ref of one row is sent under yet another one. Keep the one each case was first sent under."
            )
    return pl.DataFrame(found, schema=MAP_SCHEMA).sort("local_ref")


def with_given(known: pl.DataFrame, given: pl.DataFrame, path: Path) -> pl.DataFrame:
    """The map so far and what a given one adds to it.

    Raises:
        InputError: the given one says otherwise of a local reference.
    """
    other = given.join(known, on="local_ref", suffix="_known").filter(pl.col("case_ref") != pl.col("case_ref_known"))
    if other.height:
        raise InputError(
            f"The reference map {path.name} gives {other.height:,} local references another case_ref than the warehouse"
            " has. A reference once sent is kept: take these rows out, or do not give the map."
        )
    added = given.join(known, on="local_ref", how="anti")
    return pl.concat([known, added]).sort("local_ref")


def read_migrations(path: Path, authority: str) -> Migrations:
    """A migration map: one row per re-keyed case.

    Raises:
        InputError: the file cannot be read, lacks a column, has a blank or what is no reference, gives a new reference
            twice, or names a case of another authority.
        UsageError: the references form a circle.
    """
    to_old: dict[str, str] = {}
    number_of: dict[str, int] = {}
    for row in read_rows(path, MIGRATION_COLUMNS, what="migration map"):
        _refuse_blank(row, MIGRATION_COLUMNS)
        for column in MIGRATION_COLUMNS:
            _refuse_foreign(row, column, authority)
            if not any(mark.isdigit() for mark in row.cells[column]):
                raise InputError(f"{row.at(column)}: it holds no digit, so it is no case reference.")
        new, old = (in_capitals(row.cells[column]) for column in MIGRATION_COLUMNS)
        if new in to_old:
            raise InputError(
                f"{row.place}, gives the new_reference of row {number_of[new]} again. Keep one row for each."
            )
        to_old[new], number_of[new] = old, row.number
    if circle := _circle(to_old):
        raise UsageError(
            f"The migration map {path.name} leads in a circle ({rows_named([number_of[ref] for ref in circle])}). An"
            " old reference may not point to a newer one."
        )
    return Migrations(to_old, number_of, path.name)


def _circle(to_old: Mapping[str, str]) -> list[str]:
    """The references of a circle, if there is one. Each is walked once, however long the chains are."""
    seen: set[str] = set()
    for start in to_old:
        path: dict[str, None] = {}
        here = start
        while here in to_old and here not in seen:
            seen.add(here)
            path[here] = None
            here = to_old[here]
        if here in path:
            walked = list(path)
            return walked[walked.index(here) :]
    return []


def _refuse_blank(row: SideRow, columns: Iterable[str]) -> None:
    if blank := [column for column in columns if not row.cells[column]]:
        raise InputError(f"{row.place}, has no {' and no '.join(blank)}.")


def _refuse_foreign(row: SideRow, column: str, authority: str) -> None:
    """Refuse a case of another authority than ours and those that it replaced."""
    ref = in_capitals(row.cells[column])
    if not _HCLIC.fullmatch(ref):
        return
    code = ref.partition("_")[0]
    if code not in codelist("authority").codes or current_code(code) != current_code(authority):
        raise InputError(f"{row.at(column)}: it is a case of another authority than {authority}.")
