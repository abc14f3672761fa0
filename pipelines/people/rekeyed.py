"""Cases keyed again under a new reference, out of people confirmed to be the same: rows of a migration map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.authority import current_code
from pipelines.errors import UsageError
from pipelines.link.maps import MIGRATION_COLUMNS, read_migrations
from pipelines.paths import refuse_address
from pipelines.people.answers import SAME, newest_answers
from pipelines.people.numbers import groups_of
from pipelines.people.reading import Recorded, read_people
from pipelines.warehouse.store import Warehouse
from pipelines.whole import written

PRIVATE = 0o600


@dataclass(frozen=True)
class Rekeyed:
    """``to_give``: cases of the newest run, new reference to old one. ``done``: those that no run has any more."""

    to_give: dict[str, str]
    done: dict[str, str]


def people_now(store: Warehouse, la_code: str) -> tuple[Recorded, Rekeyed]:
    """Everybody, a re-keyed case being one with the case before it, and the cases that were re-keyed.

    Raises:
        InputError: the warehouse holds no run of the authority.
    """
    recorded = read_people(store, la_code)
    found = rekeyed(recorded, newest_answers(store.connection, la_code))
    if not found.done:
        return recorded, found
    return read_people(store, la_code, found.done), found


def rekeyed(recorded: Recorded, answers: pl.DataFrame) -> Rekeyed:
    """The cases that are one with an older one.

    Of two people confirmed to be the same, both main applicants, the references are one case where the officer said
    so, or where both have one application date and no run has both. A person who applied twice has two cases: without
    the same application date only the officer can say that it is one. The reference that was seen first is the old one.
    People of whom the answers contradict each other are passed over.
    """
    applicants = set(recorded.people.filter("is_applicant")["person_key"])
    cases = {row["case_ref"]: row for row in recorded.cases.iter_rows(named=True)}
    contradicted = {key for against in groups_of(answers)[1] for key in against.people}
    to_give: dict[str, str] = {}
    done: dict[str, str] = {}
    for answer in answers.filter(pl.col("decision") == SAME).iter_rows(named=True):
        keys = (answer["person_a"], answer["person_b"])
        refs = [key.rpartition("/")[0] for key in keys]
        if not applicants.issuperset(keys) or not cases.keys() >= set(refs) or contradicted.intersection(keys):
            continue
        old, new = sorted((cases[ref] for ref in refs), key=lambda case: (case["first_run"], case["case_ref"]))
        if answer["is_one_case"] or may_be_one_case(recorded, new["case_ref"], old["case_ref"]):
            chosen = to_give if new["until_run"] is None else done
            chosen[new["case_ref"]] = old["case_ref"]
    return Rekeyed(to_give, done)


def may_be_one_case(recorded: Recorded, one: str, other: str) -> bool:
    """Whether two references have one application date and no run has both."""
    pair = recorded.cases.filter(pl.col("case_ref").is_in([one, other]))
    days = pair["application_date"]
    if one == other or pair.height < 2 or days.null_count() or days.n_unique() > 1:
        return False
    spans = recorded.spans
    first, second = (spans.filter(pl.col("case_ref") == ref).drop("case_ref") for ref in (one, other))
    both = first.join_where(
        second,
        pl.col("from_run") < pl.col("until_run_right").fill_null(_NEVER),
        pl.col("from_run_right") < pl.col("until_run").fill_null(_NEVER),
    )
    return both.is_empty()


_NEVER = 2**31 - 1


def write_map(store: Warehouse, recorded: Recorded, found: Rekeyed, path: Path) -> int:
    """Write the cases to give as a migration map for the next run, and keep the rows that the file has; how many rows.

    Without any row no file is made.

    Raises:
        UsageError: an address instead of a file, or the references would form a circle.
        InputError: the file that is there is not a migration map.
    """
    refuse_address(path, "migration map")
    rows = dict(read_migrations(path, recorded.la_code).to_old) if path.exists() else {}
    named = _as_exported(store, recorded.la_code)
    for new, old in found.to_give.items():
        _add(rows, named.get(new, new), named.get(old, old), path)
    if not rows:
        return 0
    frame = pl.DataFrame(sorted(rows.items()), schema=list(MIGRATION_COLUMNS), orient="row")
    with written(path) as file:
        frame.write_csv(file)
    return frame.height


def _add(rows: dict[str, str], new: str, old: str, path: Path) -> None:
    """A row that the file has is left as it is: it was given by hand."""
    here = old
    while here in rows:
        here = rows[here]
        if here == new:
            raise UsageError(
                f"The migration map {path.name} says of two references the opposite of what was confirmed: which is the"
                " newer one. Put the file right, or name another one."
            )
    rows.setdefault(new, old)


def _as_exported(store: Warehouse, la_code: str) -> dict[str, str]:
    """The reference that the export has, by H-CLIC reference, for cases whose export has another one."""
    rows = store.connection.execute(
        "select case_ref, local_ref from reference_map where la_code = ? and origin in ('padded', 'issued')"
        " order by case_ref",
        [current_code(la_code)],
    ).fetchall()
    return dict(rows)
