"""The steps that read and judge: extract, build_facts, validate, mask, select."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import polars as pl

from pipelines import transform
from pipelines.emit.returns.official import load_profile
from pipelines.errors import PassingError
from pipelines.extract import Extracted
from pipelines.findings import combine, frame, is_blocking
from pipelines.link import references
from pipelines.run import ledger, storing
from pipelines.run.concern import COLUMNS_OF_CONCERN, concern, met_by
from pipelines.run.database import RunDatabase
from pipelines.run.given import judge_given, read_given, said_of, state_given
from pipelines.run.gone import without_gone
from pipelines.run.inputs import MadeFrom, made_from
from pipelines.run.located import known, located, places_of, under_case_refs
from pipelines.run.request import Request
from pipelines.settings import Settings, values
from pipelines.transform.ended import cases_over_before, create_case_ended, past_keeping, years_before
from pipelines.transform.selection import FORCED_SCHEMA, HAS_ERRORS, force, read_forced, select_cases, unmet_forced
from pipelines.validate import Context
from pipelines.validate.waivers import Waivers, kept_waivers, read_waivers
from pipelines.warehouse import history
from pipelines.warehouse.gone import check_is_whole, gone_frame

SPELLING = dict.fromkeys(history.SPELLINGS.columns, pl.String())


def extract(database: RunDatabase, request: Request) -> None:
    """Read the export into the nine sections, and put every row under the H-CLIC reference of its case.

    Raises:
        InputError: the export cannot be read.
        PassingError: the export changed while it was read.
    """
    known, missing = storing.known_references(request), storing.gone_cases(request)
    check_is_whole(missing.before, request.quarter)
    database.keep("gone", gone_frame(missing.before))
    extracted = read_given(
        request.files,
        request.source,
        lambda: load_profile(request.return_profile),
        authority=request.authority,
        quarter=request.quarter,
        as_at=request.day,
        progress=database.progress,
        private=database.folder,
    )
    made = _unchanged_meanwhile(database, request, extracted)
    extracted, found_gone, mapped = without_gone(extracted, missing, known)
    resolved = references.resolve(
        extracted.sections,
        authority=request.authority,
        known=mapped,
        migrations=references.read_migrations(request.migration_map, request.authority)
        if request.migration_map
        else None,
        is_given=missing.is_gone,
        last_issued=missing.highest_number,
    )
    transform.load_sections(database.con, resolved.sections)
    database.keep("notes_read", made.said.read)
    database.keep("waivers_kept", made.said.waivers)
    database.say(*made.said.sentences())
    database.keep("known_references", known)
    database.keep("reference_map", resolved.map)
    database.keep("place", places_of(resolved.sections))
    database.keep("rows_set_aside", extracted.set_aside)
    database.keep("spelling", pl.DataFrame(sorted(extracted.spellings), schema=SPELLING, orient="row"))
    database.keep(
        "findings_of_reading",
        combine([under_case_refs(extracted.findings, resolved.map), resolved.findings, found_gone]),
    )
    database.put(
        run_id=_identify(request, made, extracted),
        digest=made.digest,
        files=[asdict(item) for item in extracted.files],
        files_not_read=[asdict(item) for item in extracted.not_read],
        steps_of_profile=[asdict(item) for item in extracted.steps],
        files_beside=made.beside,
        notes_files=made.said.files,
        source_profile=made.source,
        return_profile=made.profile.describe(),
    )
    if request.day < request.quarter.last_day:
        database.say(
            f"The export was taken on {request.day}, before the quarter ended on {request.quarter.last_day}:"
            " this is a preview, not the quarter's return."
        )


def _unchanged_meanwhile(database: RunDatabase, request: Request, extracted: Extracted) -> MadeFrom:
    """What the run is made from, if that is what was read."""
    made = made_from(request)
    hashes = {sha256 for _, sha256 in made.export}
    if any(item.sha256 not in hashes for item in extracted.files):
        raise PassingError("A file of the export was written while it was read. Run again when the export has ended.")
    return made


def _identify(request: Request, made: MadeFrom, extracted: Extracted) -> str:
    """The run's id: a digest of what was read, by which profile, and of the settings that are not the usual ones."""
    digests = {item["what"]: item["sha256"] for item in made.beside}
    usual = values(Settings())
    parts = [
        request.authority,
        str(request.quarter),
        str(request.day),
        made.source["sha256"],
        made.profile.sha256,
        ledger.software_version(),
        *(f"{item.name}:{item.sha256}" for item in extracted.files),
        *(f"{item.name}: {item.why}" for item in extracted.not_read),
        *(digests.get(what, "") for what in ("waivers", "forced_cases", "migration_map")),
        request.exclude_cases_with_errors or "",
        *([made.said.waivers_digest] if made.said.waivers.height else []),
        *([f"revision {request.revision_no}"] if request.revision else []),
        # It writes no return: under the id of the run that did, it would take the place of that run's ledger.
        *([f"only {request.only}"] if request.only else []),
        *(f"{name}: {value}" for name, value in values(request.settings).items() if value != usual[name]),
    ]
    return f"{request.authority}-{request.quarter}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:12]}"


def _names(reference_map: pl.DataFrame) -> references.Names:
    return references.Names(dict(zip(reference_map["local_ref"], reference_map["case_ref"], strict=True)))


def build_facts(database: RunDatabase, request: Request) -> None:
    """Build the facts of the cases as recorded, which the rules read."""
    transform.prepare(
        database.con,
        run_id=database.get("run_id"),
        la_code=request.authority,
        quarter=request.quarter,
        as_at=request.day,
        settings=request.settings,
    )
    transform.build_facts(database.con, transform.RECORDED)
    if years := request.settings.retention_years:
        create_case_ended(database.con)
        day = years_before(request.day, years)
        if cases := cases_over_before(database.con, day):
            database.say(past_keeping(cases, years, day))


def mask(database: RunDatabase, request: Request) -> None:
    """Build the cases as known at the quarter's end, which the return, tables and metrics read."""
    transform.build_quarter_end(database.con)


def validate(database: RunDatabase, request: Request) -> None:
    """Judge the sections by models, rules and cross-section checks; apply waivers."""
    context = Context(request.authority, request.quarter, request.day, request.settings)
    transform.use(database.con, transform.RECORDED)
    sections = database.sections()
    validation = judge_given(sections, context, request.source, facts=database.con)
    database.say(*said_of(request.source))
    state = frame(state_given(sections, context, request.source))
    found = located(
        combine(
            [
                database.rows("findings_of_reading"),
                database.rows("findings_of_comparison"),
                validation.findings,
                state,
            ]
        ),
        database.rows("place"),
        database.rows("reference_map"),
    )
    waived: list[dict[str, Any]] = []
    waivers = waivers_of(database, request)
    if waivers.rows:
        names = _names(database.rows("reference_map"))
        found, waived = waivers.under(names.case).apply(found, as_at=request.day)
    database.keep("findings", combine([found]).with_columns(run_id=pl.lit(database.get("run_id"))))
    database.keep("rule_states", validation.rules)
    database.put(waivers=waived)


def waivers_of(database: RunDatabase, request: Request) -> Waivers:
    """The waivers of the file that was given, then those that the warehouse kept when the run began."""
    given = read_waivers(request.waivers) if request.waivers else Waivers(())
    return given + kept_waivers(database.rows("waivers_kept"))


def select(database: RunDatabase, request: Request) -> None:
    """Decide which cases the return holds, and build the cases as sent."""
    names = _names(database.rows("reference_map"))
    named = force(read_forced(request.forced_cases), names.case, request.forced_cases)
    cases = database.con.execute(f"select case_ref from {transform.RECORDED}.main").pl()
    # A return that is judged from outside can be chosen twice: what was told then is not told again.
    before = database.rows("findings")
    met, told = met_by(named, cases["case_ref"], before), set(before["message"])
    unmet = [one for one in unmet_forced(named, met, request.forced_cases) if one.message not in told]
    database.say(*(finding.message for finding in unmet))
    forced = named.select(list(FORCED_SCHEMA))
    transform.use(database.con, transform.QUARTER_END)
    findings = _concerned(database, request, select_cases(database.con, forced), forced)
    excluded: list[str] = []
    if request.exclude_cases_with_errors:
        excluded = sorted(set(findings.filter(is_blocking())["case_ref"].drop_nulls()))
        reason = f"{HAS_ERRORS}{request.exclude_cases_with_errors}"
        more = pl.DataFrame([(ref, "exclude", reason) for ref in excluded], schema=FORCED_SCHEMA, orient="row")
        forced = pl.concat([forced.filter(~pl.col("case_ref").is_in(excluded)), more])
        findings = _concerned(database, request, select_cases(database.con, forced), forced)
    selection = transform.build_sent(database.con, forced)
    findings = known(combine([findings, frame(unmet)]), database.rows("place"), request.quarter)
    findings = findings.with_columns(run_id=pl.lit(database.get("run_id")))
    database.keep("findings", findings)
    database.keep("case_selection", selection.with_columns(run_id=pl.lit(database.get("run_id"))))
    database.put(excluded=excluded)


def _concerned(database: RunDatabase, request: Request, selection: pl.DataFrame, forced: pl.DataFrame) -> pl.DataFrame:
    """The findings, with whether they concern the return as it was chosen."""
    sections = {
        name: database.con.execute(f"select case_ref, {columns} from {transform.RECORDED}.{name}").pl()
        for name, columns in COLUMNS_OF_CONCERN.items()
    }
    return concern(database.rows("findings"), sections, selection, forced, quarter=request.quarter, as_at=request.day)
