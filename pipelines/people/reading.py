"""The people of an authority, out of the history of its runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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

    def people_of(self, *keys: str) -> pl.DataFrame:
        """The rows of these people.

        Raises:
            UsageError: there is no such person.
        """
        found = self.people.filter(pl.col("person_key").is_in(keys))
        if missing := [key for key in keys if key not in set(found["person_key"])]:
            raise UsageError(
                f"There is no person {missing[0]} in the warehouse. A person is named by the case and their number in"
                " it, as the list of candidates does: E06000034_000000030363/1."
            )
        return found


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
