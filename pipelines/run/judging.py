"""The step that has the return judged by the pack's Schematron, before anything is kept or put in place."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipelines.findings import ERROR, RECORD, YES, combine
from pipelines.link.references import Names
from pipelines.run import ledger
from pipelines.run.database import RunDatabase
from pipelines.run.located import known, located
from pipelines.run.reading import select, waivers_of
from pipelines.run.request import Request
from pipelines.validate.waivers import UNUSED

if TYPE_CHECKING:
    from pipelines.emit.returns import ReturnProfile

FOLDER = "judged"


def judge(database: RunDatabase, request: Request) -> None:
    """Write the return into the work folder, have the Schematron judge it, and add what it says to the findings.

    It is judged where our own findings block the return too, so that both can be laid side by side. Cases with errors
    that are to be left out are left out for those of the Schematron too, and what is left is judged again.
    """
    database.put(judged={})
    if not database.get("return_profile")["schematron"]:
        return
    from pipelines.emit import returns

    profile = returns.load_profile(request.return_profile)
    ours = database.rows("findings")
    found = _judged(database, request, profile)
    _add(database, request, profile, found)
    errors = found.filter((pl.col("severity") == ERROR) & pl.col("case_ref").is_not_null())
    if request.exclude_cases_with_errors and errors.height:
        select(database, request)
        told = found.select("rule_id", "case_ref", "record_key", "value")
        more = _judged(database, request, profile).join(told, on=told.columns, how="anti", nulls_equal=True)
        _add(database, request, profile, more)
        found = combine([found, more])
    _lay_beside(database, profile, ours, found)


def _judged(database: RunDatabase, request: Request, profile: ReturnProfile) -> pl.DataFrame:
    """The Schematron's findings on the cases as they are chosen now."""
    from pipelines.emit import returns

    folder = database.folder / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        written = returns.write_return(
            database.con,
            profile,
            folder,
            personal=request.personal,
            software_version=ledger.software_version(),
        )
        found = returns.judge_return(written, profile)
        database.put(judged=digests(written.by_kind))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    places = database.rows("place")
    is_of_case = pl.col("scope") == RECORD
    found = found.with_columns(in_return=pl.when(is_of_case).then(pl.lit(YES)))
    return combine([located(combine([found]), places, database.rows("reference_map"))])


def digests(files: Mapping[str, Sequence[Path]]) -> dict[str, str]:
    """SHA-256 of each document of the return, by its name."""
    return {path.name: ledger.sha256_of(path) for paths in files.values() for path in paths}


def _add(database: RunDatabase, request: Request, profile: ReturnProfile, found: pl.DataFrame) -> None:
    """Add findings to those of the run, with the waivers that speak of the Schematron's rules applied to them."""
    from pipelines.emit.returns import rule_ids

    before, ids = database.rows("findings"), rule_ids(profile)
    if (given := waivers_of(database, request)).rows:
        names = Names(dict(database.rows("reference_map").select("local_ref", "case_ref").iter_rows()))
        waivers = given.under(names.case).only(ids, as_at=request.day)
        found, applied = waivers.apply(found, as_at=request.day)
        before = before.filter(
            (pl.col("rule_id") != UNUSED) | ~pl.col("fields").str.to_lowercase().is_in([one.lower() for one in ids])
        )
        database.put(waivers=[*database.get("waivers"), *applied])
    findings = known(combine([before, found]), database.rows("place"), request.quarter)
    database.keep("findings", findings.with_columns(run_id=pl.lit(database.get("run_id"))))


def _lay_beside(database: RunDatabase, profile: ReturnProfile, ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    from pipelines.emit.returns.compared import BOTH, OURS, THEIRS, compare

    sent = database.con.execute("select case_ref from sent.main").pl()
    compared = compare(ours.join(sent, on="case_ref", how="semi"), theirs, profile.profile.same_as)
    database.keep("official_compared", compared)
    count = dict(compared.group_by("found_by").agg(pl.len()).iter_rows())
    database.say(
        f"The Schematron of the return profile made {theirs.height:,} findings in"
        f" {theirs['case_ref'].drop_nulls().n_unique():,} cases. Beside ours on the same cases: {count.get(BOTH, 0):,}"
        f" found by both, {count.get(OURS, 0):,} by hclic only, {count.get(THEIRS, 0):,} by the Schematron only"
        " (findings/official_compared.csv)."
    )
