"""The people of an authority, out of the history of its runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipelines.authority import current_code
from pipelines.errors import InputError, UsageError
from pipelines.link.maps import Migrations
from pipelines.people.identity import SPANS, follow
from pipelines.warehouse.history import columns_of
from pipelines.warehouse.store import Warehouse
from schemas.sections import CASE_REF_PATTERN

CASES = {
    "case_ref": pl.String(),
    "local_ref": pl.String(),
    "officer": pl.String(),
    "team": pl.String(),
    "application_date": pl.Date(),
    "first_run": pl.Int32(),
    "until_run": pl.Int32(),
}
_RUNS = ("from_run", "until_run")
# Signs of a reference: a cell of an answer may hold anything.
_SHOWN = r"[A-Za-z]{0,3}[0-9][0-9_/]*"


@dataclass(frozen=True)
class Recorded:
    """What the authority's runs say of people.

    ``people``: one row per person that a run has seen, as last recorded (``identity.PEOPLE``). ``cases``: one row per
    case, as last recorded (``CASES``). ``spans``: one row per case and span of runs that has it, under the reference of
    that time: case_ref, from_run, until_run. ``run_id``: the newest run.
    """

    la_code: str
    run_id: str
    people: pl.DataFrame
    cases: pl.DataFrame
    spans: pl.DataFrame

    @cached_property
    def _cases_by_name(self) -> dict[str, set[str]]:
        """Cases by their H-CLIC reference and by the local one, in any case of letters."""
        found: dict[str, set[str]] = {}
        for case, local in self.cases.select("case_ref", "local_ref").iter_rows():
            for name in (case, local):
                if name:
                    found.setdefault(name.casefold(), set()).add(case)
        return found

    @cached_property
    def _applicants(self) -> dict[str, str]:
        """The key of each case's main applicant, as last recorded."""
        now = self.people.filter("is_applicant").sort("until_run", nulls_last=True)
        return dict(now.select("case_ref", "person_key").iter_rows())

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(self.people["person_key"])

    def key_of(self, name: str) -> str:
        """The key of a person whom an officer names: by it, or by a reference of the case for its main applicant.

        ``E06000034_000000030363/2``, ``HX030363/2``, or ``HX030363``.

        Raises:
            UsageError: no person, or more than one, is called so. The sentence repeats only what cannot be a name.
        """
        case, slash, number = name.strip().rpartition("/") if "/" in name else (name.strip(), "", "")
        cases = self._cases_by_name.get(case.casefold(), set())
        found = {f"{one}/{number}" if slash else self._applicants.get(one, "") for one in cases} & self._keys
        if len(found) == 1:
            return found.pop()
        shown = f" {name.strip()}" if re.fullmatch(_SHOWN, name.strip()) else ""
        raise UsageError(
            f"{'More than one person is' if found else 'There is no person'} called{shown} in the warehouse. Name a"
            " person by the case and their number in it, as the list of candidates does: E06000034_000000030363/1."
        )

    def people_of(self, *keys: str) -> pl.DataFrame:
        """The rows of these people."""
        return self.people.filter(pl.col("person_key").is_in(keys))


def read_people(store: Warehouse, la_code: str, moved: Mapping[str, str] | None = None) -> Recorded:
    """Everybody that the authority's runs have seen, under the reference that their case has now.

    Args:
        store: the warehouse.
        la_code: the authority.
        moved: references of cases that are one with an older one, besides those that the reference map knows.

    Raises:
        InputError: the warehouse holds no run of the authority.
    """
    newest = store.newest_run(la_code)
    if newest is None:
        raise InputError(f"The warehouse holds no run of authority {la_code}.")
    people = _rows(store, la_code, "people", tuple(name for name in SPANS if name not in _RUNS))
    listed = ("case_ref", "local_ref", "officer", "team", "application_date")
    cases = _rows(store, la_code, "main", listed)
    to_old = _to_first({**(moved or {}), **_moved_by_maps(store, la_code)})
    last = (
        _under_one(cases, to_old)
        .with_columns(first_run=pl.col("from_run").min().over("case_ref"))
        .sort("case_ref", "from_run", *listed, nulls_last=True)
        .group_by("case_ref", maintain_order=True)
        .last()
    )
    return Recorded(
        la_code,
        newest,
        follow(_under_one(people, to_old)),
        last.select(*CASES),
        cases.select("case_ref", *_RUNS).sort("case_ref", *_RUNS, nulls_last=True),
    )


def _rows(store: Warehouse, la_code: str, section: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """The section's rows with the runs between which they held; a field that the file has no column for is null."""
    known = columns_of(store.connection, section)
    listed = ", ".join(f"kept.{name}" if name in known else f"null as {name}" for name in columns)
    rows = store.connection.execute(
        f"""
        select {listed}, kept.from_run, ended.until_run
        from history.{section} as kept
        left join history.{section}_ended as ended on kept.row_no = ended.row_no
        where kept.authority = ?
        """,
        [la_code],
    ).pl()
    kinds = {**SPANS, **CASES}
    return rows.with_columns(pl.col(name).cast(kinds[name]) for name in rows.columns)


def _under_one(rows: pl.DataFrame, moved: Mapping[str, str]) -> pl.DataFrame:
    return rows.with_columns(pl.col("case_ref").replace(dict(moved))) if moved else rows


def _to_first(moved: Mapping[str, str]) -> dict[str, str]:
    """Each reference with the one that its chain begins with."""
    refs = [ref for ref, old in moved.items() if ref != old]
    firsts, _ = Migrations({ref: moved[ref] for ref in refs}).firsts(refs)
    return {ref: firsts[ref] for ref in refs}


def _moved_by_maps(store: Warehouse, la_code: str) -> dict[str, str]:
    """H-CLIC references that a migration map has made one case with an older reference."""
    pairs = store.connection.execute(
        "select local_ref, case_ref from reference_map where la_code = ? and origin = 'migration'"
        " and regexp_matches(local_ref, ?) and local_ref <> case_ref order by all",
        [current_code(la_code), CASE_REF_PATTERN],
    ).fetchall()
    return dict(pairs)
