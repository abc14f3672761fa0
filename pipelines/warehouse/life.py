"""The life of findings over the runs of an authority: new, still open, come back, put right.

Nothing of it is stored but which finding went on under another key (``finding_continued``): it is told from what the
runs found, had before them and asked. A finding is put right when a run that could have found it did not. Where a rule
was not run, a file not read or a case is not in the export, its absence says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow
from pipelines import findings as found
from pipelines.period import Quarter
from pipelines.warehouse import history
from pipelines.warehouse.asked import Asked, asked_of, parsed, stored
from pipelines.warehouse.asking import add_rules, ask, holds_rows, lay_out_records, make, say_of_rules
from pipelines.warehouse.store import NOT_ENDED
from schemas.returns import PROVISIONAL

TOLD_ONCE = "told once"
"""Why nothing is said of the absence of what changed since another run than that of today."""

_PAIRS = {"finding_id": pl.String(), "was_finding_id": pl.String()}
_THIS_RUN = {
    **dict.fromkeys(("la_code", "run_id", "quarter", "compared_with", "return_profile"), pl.String()),
    **dict.fromkeys(("error", "own_profile"), pl.String()),
    "not_ended": pl.List(pl.String()),
    **dict.fromkeys(("run_order", "count_files"), pl.Int64()),
    **dict.fromkeys(("has_waivers", "is_whole"), pl.Boolean()),
    **dict.fromkeys(("digests", "not_asked", "incomplete"), pl.List(pl.String)),
    "as_at": pl.Date(),
}


@dataclass(frozen=True)
class Before:
    """The run that the findings are compared with."""

    run_id: str
    as_at: date
    quarter: Quarter


@dataclass(frozen=True)
class Life:
    """The findings of one run beside those of the runs before."""

    states: pl.DataFrame
    """One row per finding: finding_id, state, since (ISO day), first_run, seen_runs, kind, is_waiver_over."""
    resolved: pl.DataFrame
    """One row per finding that is put right, in the columns of findings, with since, resolved_run, resolved_on."""
    before: Before | None
    continued: pl.DataFrame
    """One row per finding that went on under another natural key: finding_id, was_finding_id."""
    not_judged: Mapping[str, int] = field(default_factory=dict)
    """Of the findings of the run before that are gone, how many nothing can be said of, by the reason."""


def life_of(con: duckdb.DuckDBPyConnection, asked: Asked) -> Life:
    """The life of the findings of a run that the warehouse holds.

    Raises:
        KeyError: it does not hold the run.
    """
    row = con.execute("select run_order from runs where run_id = ?", [asked.run_id]).fetchone()
    if row is None:
        raise KeyError(asked.run_id)
    _begin(con, asked, row[0])
    con.execute(
        f"create or replace temp table found_here as select {', '.join(history.FINDING_COLUMNS)} from findings"
        " where run_id = ? and finding_id is not null",
        [asked.run_id],
    )
    return _worked_out(con, asked, None)


def life_of_frames(con: duckdb.DuckDBPyConnection, asked: Asked, findings: pl.DataFrame, records: pl.DataFrame) -> Life:
    """The life of findings that are not stored: those of an export that is only checked.

    Args:
        con: the warehouse, which need not be writable.
        asked: what the check asked; its run_id names no stored run.
        findings: with ids, in the columns of findings.
        records: one row per record of the export: section, case_ref, record_key, known_as.
    """
    _begin(con, asked, 2**31 - 1)
    rows = findings.select(history.FINDING_COLUMNS).drop_nulls("finding_id")
    arrow.load(con, "create or replace temp table found_here as select * from incoming", rows)
    given = records.select("section", "case_ref", "record_key", pl.coalesce("known_as", "record_key").alias("identity"))
    arrow.load(con, "create or replace temp table given_records as select * from incoming", given)
    return _worked_out(con, asked, "given_records")


def _begin(con: duckdb.DuckDBPyConnection, asked: Asked, run_order: int) -> None:
    row = {
        "la_code": asked.authority,
        "run_id": asked.run_id,
        "run_order": run_order,
        "quarter": str(asked.quarter),
        "as_at": asked.as_at,
        "digests": list(asked.digests),
        "count_files": len(asked.digests),
        "compared_with": asked.compared_with,
        "has_waivers": asked.has_waivers,
        "return_profile": asked.return_profile,
        "not_asked": list(asked.not_asked),
        "is_whole": asked.is_whole,
        "not_ended": NOT_ENDED,
        "error": found.ERROR,
        "incomplete": list(found.INCOMPLETE),
        "own_profile": PROVISIONAL,
    }
    frame = pl.DataFrame([row], schema=_THIS_RUN)
    arrow.load(con, "create or replace temp table this_run as select * from incoming", frame)
    make(con, "compared_run")
    make(con, "seen_before")


def _worked_out(con: duckdb.DuckDBPyConnection, asked: Asked, records: str | None) -> Life:
    before = _before(con)
    place = before[0] if before else 0
    _mark_found(con, asked, place)
    make(con, "gone")
    say_of_rules(con, asked)
    con.execute("create or replace temp table asked_after as from gone")
    ask(con, asked, records)
    con.execute("create or replace temp table asked_now as from asked_again")
    _look_between(con, place)
    make(con, "resolved_finding")
    continued = _continued(con, place, asked, records)
    if continued.height:
        arrow.load(con, "create or replace temp table continued_now as select * from incoming", continued)
        con.execute(
            "update found_now set known_as = was_finding_id from continued_now"
            " where found_now.finding_id = continued_now.finding_id"
        )
        con.execute("delete from resolved_finding where finding_id in (select was_finding_id from continued_now)")
    make(con, "finding_state")
    reasons = con.execute(
        "select why, count(*) from asked_now inner join gone using (finding_id)"
        " where why is not null and why <> ? and last_place = ? group by why order by why",
        [TOLD_ONCE, place],
    ).fetchall()
    return Life(
        states=con.execute("from finding_state order by finding_id").pl(),
        resolved=_resolved(con, asked),
        before=before[1] if before else None,
        continued=continued,
        not_judged=dict(reasons),
    )


def _before(con: duckdb.DuckDBPyConnection) -> tuple[int, Before] | None:
    row = con.execute(
        "select place, run_id, as_at, quarter from compared_run where is_compared order by place desc limit 1"
    ).fetchone()
    return None if row is None else (row[0], Before(row[1], row[2], Quarter.parse(row[3])))


def _mark_found(con: duckdb.DuckDBPyConnection, asked: Asked, place: int) -> None:
    """``found_now``: the run's findings, each with the id it was first known by and whether it is waived."""
    con.execute(
        "create or replace temp table found_now as"
        " select here.*, coalesce(continued.was_finding_id, here.finding_id) as known_as, false as is_waived,"
        " null::varchar as identity"
        " from found_here as here"
        " left join finding_continued as continued"
        " on continued.la_code = ? and here.finding_id = continued.finding_id",
        [asked.authority],
    )
    con.execute("create or replace temp table waived_before (finding_id varchar)")
    for waiver in asked.waivers:
        con.execute(f"update found_now set is_waived = true where {_COVERED}", _target(waiver))
    row = con.execute(
        "select compared_run.run_id, ledger.ledger from compared_run inner join ledger using (run_id)"
        " where compared_run.place = ?",
        [place],
    ).fetchone()
    if row is None:
        return
    for waiver in asked_of(parsed(row[1]), **_BARE).waivers:
        con.execute(
            "insert into waived_before select distinct coalesce(was_finding_id, findings.finding_id) from findings"
            " left join finding_continued as continued"
            " on continued.la_code = $la_code and findings.finding_id = continued.finding_id"
            f" where findings.run_id = $run_id and {_COVERED}",
            {**_target(waiver), "run_id": row[0], "la_code": asked.authority},
        )


_BARE = {"authority": "", "run_id": "", "quarter": Quarter(2018, 2), "as_at": date.min}
_COVERED = (
    "lower(rule_id) = lower($rule_id) and ($case_ref is null or case_ref = $case_ref)"
    " and ($record_key is null or record_key = $record_key)"
)


def _target(waiver: Mapping[str, Any]) -> dict[str, Any]:
    return {name: waiver.get(name) for name in ("rule_id", "case_ref", "record_key")}


def _look_between(con: duckdb.DuckDBPyConnection, place: int) -> None:
    """``put_right_between``: findings that were put right in a run after they were last seen and before this one."""
    con.execute("create or replace temp table put_right_between (finding_id varchar)")
    con.execute(
        f"""
        create or replace temp table waiting as
        select gone.* from gone semi join (from asked_now where why is null) as asked using (finding_id)
        where gone.last_place < {place}
        union all
        select seen_before.finding_id, seen_before.last_place, null, now.rule_id, now.scope, now.section, now.case_ref,
            now.record_key, now.fields
        from found_now as now inner join seen_before on now.known_as = seen_before.finding_id
        where seen_before.last_place < {place}
        """
    )
    add_rules(con)
    places = con.execute("select place from compared_run where is_compared order by place desc").fetchall()
    for (asked_at,) in places:
        con.execute(f"delete from waiting where last_place >= {asked_at}")
        if con.execute("select count(*) from waiting").fetchone() == (0,):
            return
        con.execute("create or replace temp table asked_after as from waiting")
        ask(con, None, None, asked_at)
        con.execute("insert into put_right_between select finding_id from asked_again where why is null")
        con.execute("delete from waiting where finding_id in (from put_right_between)")


def _continued(con: duckdb.DuckDBPyConnection, place: int, asked: Asked, records: str | None) -> pl.DataFrame:
    """Findings whose record has another natural key since it was corrected: finding_id, was_finding_id."""
    con.execute(
        "create or replace temp table case_wanted as select distinct gone.case_ref from resolved_finding"
        " inner join gone using (finding_id)"
    )
    if not holds_rows(con, "case_wanted") or not holds_rows(
        con, "found_now anti join seen_before on found_now.known_as = seen_before.finding_id"
    ):
        return pl.DataFrame(schema=_PAIRS)
    lay_out_records(con, "there_now", asked.run_id, records)
    row = con.execute("select run_id from compared_run where place = ?", [place]).fetchone()
    lay_out_records(con, "there_before", row[0] if row else "", None)
    con.execute(
        "update found_now set identity = now.identity from there_now as now where found_now.case_ref = now.case_ref"
        " and found_now.section = now.section and found_now.record_key = now.record_key"
    )
    make(con, "might_continue")
    taken: set[str] = set()
    pairs: dict[str, str] = {}
    for now, was in con.execute("from might_continue").fetchall():
        if now not in pairs and was not in taken:
            pairs[now] = was
            taken.add(was)
    return pl.DataFrame(list(pairs.items()), schema=_PAIRS, orient="row")


def _resolved(con: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    kept = ", ".join(f"kept.{name}" for name in history.FINDING_COLUMNS if name != "finding_id")
    rows = con.execute(
        f"select resolved.finding_id, {kept}, strftime(first_run.as_at, '%Y-%m-%d') as since"
        " from resolved_finding as resolved inner join history.findings as kept using (row_no)"
        " inner join seen_before on resolved.finding_id = seen_before.finding_id"
        " inner join compared_run as first_run on seen_before.first_place = first_run.place"
    ).pl()
    return found.combine([rows.with_columns(pl.lit(found.RESOLVED).alias("state"))]).with_columns(
        pl.lit(asked.run_id).alias("resolved_run"), pl.lit(asked.as_at.isoformat()).alias("resolved_on")
    )


def keep_continued(con: duckdb.DuckDBPyConnection, asked: Asked, life: Life) -> None:
    """Keep which findings of the run went on under another key; what was kept of the same run before goes."""
    con.execute("delete from finding_continued where run_id = ?", [asked.run_id])
    arrow.load(
        con,
        "insert into finding_continued select"
        f" '{asked.authority}', finding_id, was_finding_id, '{asked.run_id}' from incoming where not exists"
        f" (from finding_continued as kept where kept.la_code = '{asked.authority}'"
        " and kept.finding_id = incoming.finding_id)",
        life.continued.unique("finding_id", keep="first", maintain_order=True),
    )


def states(con: duckdb.DuckDBPyConnection, run_id: str) -> pl.DataFrame:
    """One row per finding of a stored run: finding_id, state, since (ISO day), first_run, seen_runs.

    Raises:
        KeyError: the warehouse does not hold the run.
    """
    return life_of(con, stored(con, run_id)).states.select("finding_id", "state", "since", "first_run", "seen_runs")


def resolved(con: duckdb.DuckDBPyConnection, run_id: str) -> pl.DataFrame:
    """One row per finding that a stored run found put right, in the columns of findings, with resolved_run and _on.

    Raises:
        KeyError: the warehouse does not hold the run.
    """
    return life_of(con, stored(con, run_id)).resolved


COUNTS = {
    **dict.fromkeys(("run_id", "quarter"), pl.String()),
    "as_at": pl.Date(),
    **dict.fromkeys(("result", "kind", "state"), pl.String()),
    "findings": pl.Int64(),
}


def count_states(life: Life) -> list[dict[str, Any]]:
    """One entry per kind and state, ``resolved`` among them: kind, state, findings."""
    pairs: Iterable[tuple[str | None, str]] = [
        *life.states.select("kind", "state").iter_rows(),
        *life.resolved.select("kind", "state").iter_rows(),
    ]
    counts = Counter(pairs)
    return [
        {"kind": kind, "state": state, "findings": counts[kind, state]}
        for kind, state in sorted(counts, key=lambda one: (one[0] or "", one[1]))
    ]


def counts_by_run(con: duckdb.DuckDBPyConnection, la_code: str, last: int = 12) -> pl.DataFrame:
    """One row per run, kind and state, of the authority's newest runs that have ended, by their day.

    Columns: run_id, quarter, as_at, result, kind, state, findings. They are those that the run told when it was made;
    of a run before findings had a life they are told now.
    """
    runs = con.execute(
        "select run_id, quarter, as_at, result, ledger from runs left join ledger using (run_id)"
        " where la_code = ? and not list_contains(?, coalesce(result, '')) order by as_at desc, run_order desc limit ?",
        [la_code, NOT_ENDED, last],
    ).fetchall()
    rows = []
    for run_id, quarter, as_at, result, text in reversed(runs):
        told = parsed(text).get("findings", {}).get("life", {}).get("by_kind_and_state")
        if told is None:
            told = count_states(life_of(con, stored(con, run_id)))
        rows += [{"run_id": run_id, "quarter": quarter, "as_at": as_at, "result": result, **one} for one in told]
    return pl.DataFrame(rows, schema=COUNTS)
