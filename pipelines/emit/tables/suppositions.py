"""What could be otherwise in a case, and what that would change in the tables.

A suspect is a case of which the data themselves say that the published figures may hold it otherwise. Each is
supposed otherwise, and its tables are computed from that by the same SQL; nothing is guessed from its codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

import sql
from pipelines import at_rest
from pipelines.emit.tables.contributions import Contributions, Vector, contributions, minus, plus
from pipelines.period import Quarter
from pipelines.settings import Settings, from_values
from pipelines.transform import (
    RECORDED,
    SENT,
    build_facts,
    build_quarter_end,
    build_sent,
    edition,
    load_sections,
    prepare,
)
from pipelines.transform.selection import FORCED_SCHEMA, HAS_ERRORS
from schemas.sections import SECTIONS

DAYS_NEAR = 14
"""Days to either side of the quarter's boundary within which an event may have been counted on the other (ours)."""


@dataclass(frozen=True)
class Kind:
    """A kind of suspicion. ``strong``: the data say so of this case; otherwise only that it could be."""

    name: str
    strong: bool
    reason: str
    """The sentence for a cell; it names no case."""


CHANGED = Kind("changed since an earlier run", True, "As it was in an earlier run of this quarter")
LATE = Kind("recorded late", True, "Recorded after the last day on which it could be counted in print")
LEFT_OUT = Kind("left out by force", True, "Left out of this return by the file of forced cases")
LEFT_FOR_ERRORS = Kind("left out for its errors", True, "Left out of this return because it has errors")
TWICE = Kind("same household twice", True, "The same household stands here under two references")
NEVER_CLOSED = Kind("stay never closed", False, "In accommodation here although its case or duty had ended")
HAS_ERROR = Kind("case with an error", False, "Counted here although it has an error")
BOUNDARY = Kind(
    "near the quarter's boundary", False, f"Dated within {DAYS_NEAR} days of the quarter's first or last day"
)
LEFT = Kind("stay that ended in the quarter", False, "A stay that ended in the quarter here is open in print")

ABSENT = {"recorded_late": LATE, "same_household": TWICE, "has_error": HAS_ERROR}
OTHERWISE = {"never_closed": NEVER_CLOSED, "near_boundary": BOUNDARY, "left_in_quarter": LEFT}


@dataclass(frozen=True, eq=False)
class Supposition:
    """One case, supposed otherwise: ``effect`` is what that adds to each count of ours.

    ``words`` say of this case what is supposed; they are for the internal file only.
    """

    kind: Kind
    case_ref: str
    words: str
    effect: Vector
    days: tuple[str, int] | None
    """Its type of accommodation and its days there, if it were otherwise."""


@dataclass(frozen=True)
class _Variant:
    """A copy of a case under a reference of its own, with one cell changed or with the rows of an earlier run."""

    kind: Kind
    case_ref: str
    ref: str
    words: str
    section: str = ""
    placement_no: int | None = None
    field: str = ""
    supposed: date | None = None
    earlier: bool = False


def suppositions(
    con: duckdb.DuckDBPyConnection,
    ours: Contributions,
    *,
    cut_off: date,
    earlier: Mapping[str, pl.DataFrame] | None = None,
    moved: bool = True,
) -> list[Supposition]:
    """Every suspect of the quarter with its effect, in the order in which they are to be believed.

    Args:
        con: a connection in which the editions are made.
        ours: what each case adds to our tables.
        cut_off: last day on which a recorded case could be in the published figures.
        earlier: the sections of an earlier run of the quarter, where there is one.
        moved: whether those count whose dates could put them into a population or out of it.
    """
    con.execute(
        "create or replace temp table reconciled_by as select ?::date as cut_off, ?::integer as days_near",
        [cut_off, DAYS_NEAR],
    )
    found: list[Supposition] = []
    variants: list[_Variant] = []
    with edition(con, RECORDED):
        for name, kind in ABSENT.items():
            for case_ref, day in con.execute(sql.text(f"suspects/{name}.sql")).fetchall():
                words = f"{kind.reason}{f' (recorded {day})' if day else ''}: what if it were not counted"
                found.append(Supposition(kind, case_ref, words, minus(ours.of(case_ref)), None))
        for case_ref, reason in con.execute(sql.text("suspects/left_out.sql")).fetchall():
            kind = LEFT_FOR_ERRORS if str(reason).startswith(HAS_ERRORS) else LEFT_OUT
            words = f"{kind.reason} ({reason}): what if it were counted"
            variants.append(_Variant(kind, case_ref, f"{case_ref}~{len(variants)}", words))
        for name, kind in OTHERWISE.items() if moved else ():
            for row in con.execute(sql.text(f"suspects/{name}.sql")).pl().iter_rows(named=True):
                words = f"{kind.reason} ({row['field']} {row['day']}): what if it were {row['supposed'] or 'blank'}"
                place = (row["section"], row["placement_no"], row["field"], row["supposed"])
                variants.append(_Variant(kind, row["case_ref"], f"{row['case_ref']}~{len(variants)}", words, *place))
    changed, absent_before = _changed(con, earlier or {})
    found += [
        Supposition(CHANGED, ref, "Not in an earlier run of this quarter", minus(ours.of(ref)), None)
        for ref in absent_before
    ]
    for ref in changed:
        variants.append(_Variant(CHANGED, ref, f"{ref}~{len(variants)}", CHANGED.reason, earlier=True))
    if variants:
        found += _computed(con, ours, variants, earlier or {})
    order = [CHANGED, LATE, LEFT_OUT, LEFT_FOR_ERRORS, TWICE, NEVER_CLOSED, HAS_ERROR, BOUNDARY, LEFT]
    return sorted(
        (one for one in found if one.effect), key=lambda one: (order.index(one.kind), one.case_ref, one.words)
    )


def _changed(con: duckdb.DuckDBPyConnection, earlier: Mapping[str, pl.DataFrame]) -> tuple[list[str], list[str]]:
    """Cases of the earlier run whose rows are not the same now, and cases that it did not have."""
    if not earlier:
        return [], []
    changed: set[str] = set()
    for section in SECTIONS:
        before = earlier[section.name]
        names = [name for name in section.names if name in before.columns]
        now = con.execute(f"select {', '.join(names)} from {RECORDED}.{section.name}").pl()
        before = before.select(names).cast(now.schema)
        for rows, others in ((before, now), (now, before)):
            other = rows.join(others, on=names, how="anti", nulls_equal=True)
            changed |= set(other["case_ref"].drop_nulls())
    held = set(earlier["main"]["case_ref"])
    return sorted(changed & held), sorted(changed - held)


def _computed(
    con: duckdb.DuckDBPyConnection,
    ours: Contributions,
    variants: Sequence[_Variant],
    earlier: Mapping[str, pl.DataFrame],
) -> list[Supposition]:
    """The variants with their effects: all are built at once, in a database of their own, as the editions are."""
    row = con.execute("select run_id, la_code, quarter, as_at from reporting_period").fetchone()
    assert row is not None
    run_id, la_code, quarter, as_at = row
    with at_rest.in_memory() as own:
        load_sections(own, _copies(con, variants, earlier))
        prepare(
            own, run_id=run_id, la_code=la_code, quarter=Quarter.parse(quarter), as_at=as_at, settings=_settings(con)
        )
        build_facts(own, RECORDED)
        build_quarter_end(own)
        build_sent(own, pl.DataFrame(schema=FORCED_SCHEMA))
        supposed = contributions(own, SENT)
    return [
        Supposition(
            one.kind,
            one.case_ref,
            one.words,
            plus(supposed.of(one.ref), minus(ours.of(one.case_ref))),
            supposed.days.get(one.ref),
        )
        for one in variants
    ]


def _settings(con: duckdb.DuckDBPyConnection) -> Settings:
    row = con.execute("select * from setting").pl().to_dicts()[0]
    return from_values({name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()})


def _copies(
    con: duckdb.DuckDBPyConnection, variants: Sequence[_Variant], earlier: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """The nine sections of the variants, each under its own reference."""
    found: dict[str, pl.DataFrame] = {}
    named = [(one.case_ref, one.ref) for one in variants if not one.earlier]
    before = [(one.case_ref, one.ref) for one in variants if one.earlier]
    for section in SECTIONS:
        now = con.execute(f"select * from {RECORDED}.{section.name}").pl()
        parts = [_renamed(now, named)]
        if before:
            held = earlier[section.name].select(name for name in now.columns if name in earlier[section.name].columns)
            parts.append(_renamed(held.cast({name: now.schema[name] for name in held.columns}), before))
        rows = pl.concat(parts, how="diagonal")
        for field in sorted({one.field for one in variants if one.section == section.name}):
            rows = _supposed(
                rows, field, [one for one in variants if (one.section, one.field) == (section.name, field)]
            )
        found[section.name] = rows
    return found


def _renamed(rows: pl.DataFrame, named: list[tuple[str, str]]) -> pl.DataFrame:
    refs = pl.DataFrame(named, schema={"case_ref": pl.String, "_ref": pl.String}, orient="row")
    joined = rows.join(refs, on="case_ref", maintain_order="left")
    return joined.with_columns(case_ref=pl.col("_ref")).drop("_ref")


def _supposed(rows: pl.DataFrame, field: str, variants: Sequence[_Variant]) -> pl.DataFrame:
    """The rows with the field of each variant as it is supposed."""
    altered = pl.DataFrame(
        [(one.ref, one.placement_no, one.supposed) for one in variants],
        schema={"case_ref": pl.String, "_no": pl.Int64, "_day": pl.Date},
        orient="row",
    ).with_columns(_is=pl.lit(True))
    own = pl.col("_no").is_null() | (
        pl.col("_no") == pl.col("placement_no") if "placement_no" in rows.columns else True
    )
    joined = rows.join(altered, on="case_ref", how="left", maintain_order="left")
    return joined.with_columns(
        pl.when(pl.col("_is").fill_null(False) & own).then(pl.col("_day")).otherwise(pl.col(field)).alias(field)
    ).drop("_no", "_day", "_is")
