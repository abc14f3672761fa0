"""The pages of findings: the list of a run, one finding with its notes, and the forms that write notes and waivers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipelines.emit.pages.findings.columns import KINDS, STATES
from pipelines.errors import UsageError
from pipelines.serve import said
from pipelines.serve.answering import answer, form_of, go_to, is_part, nothing, path_of, session_of, site_of, store_of
from pipelines.serve.found import SHOWN, Filters, OfRun, choices, count_of
from pipelines.serve.paging import number_of, pages_of
from pipelines.serve.reading import authorities, record_of, run_of
from pipelines.serve.told import state_of
from pipelines.validate.catalogue import plain
from pipelines.warehouse import waivers
from pipelines.warehouse.store import Warehouse

router = APIRouter()

PAGE_ROWS = 50
_TYPED = ("note", "owner", "reason", "expires")
_TITLES = {"officer": "Officer", "team": "Team", "rule": "Rule", "state": "State", "age": "First seen"}


def found_in(request: Request, store: Warehouse, run_id: str) -> OfRun:
    """The findings of the run that the address names.

    Raises:
        Refused: there is none of that id.
    """
    run = run_of(store, run_id)
    if run is None:
        raise nothing("run")
    return site_of(request).findings.of(store, run)


def line_in(found: OfRun, finding_id: str) -> dict[str, Any]:
    """The finding of that id.

    Raises:
        Refused: the run has none.
    """
    line = found.one(finding_id)
    if line is None:
        raise nothing("finding")
    return line


@router.get("/runs/{run_id}/findings")
def listed(request: Request, run_id: str) -> Response:
    """The findings of a run, those that are asked for; htmx gets the list alone."""
    with store_of(request).reading() as store:
        found = found_in(request, store, run_id)
        state = state_of(store, found.run)
    asked = Filters.of(request.query_params)
    rows = asked.of_rows(found.rows)
    number = number_of(request.query_params.get("page", ""), rows.height, PAGE_ROWS)
    shown = list(rows.slice((number - 1) * PAGE_ROWS, PAGE_ROWS).iter_rows(named=True))
    response = answer(
        request,
        "findings_list.html" if is_part(request) else "findings.html",
        run=found.run,
        state=state,
        asked=asked,
        lines=shown,
        count=count_of(rows),
        total=count_of(found.rows),
        page=number,
        pages=pages_of(rows.height, PAGE_ROWS),
        here=f"{path_of('runs', run_id, 'findings')}?{asked.query}",
        shown=SHOWN,
        is_narrowed=asked.is_narrowed,
        is_turned="turned" in request.query_params,
        choices=[(name, _TITLES[name], values) for name, values in choices(found.rows).items() if values],
        **words_of_lines(),
    )
    if is_part(request):
        # What htmx shows has an address too: for a second look, and for the way back from a case.
        response.headers["hx-replace-url"] = f"{path_of('runs', run_id, 'findings')}?{asked.told}&page={number}"
    return response


def words_of_lines() -> dict[str, Any]:
    """What every line of findings is said with."""
    return {"kinds": KINDS, "states": STATES, "path_of": path_of, "saved": None}


@router.get("/runs/{run_id}/findings/{finding_id}")
def one(request: Request, run_id: str, finding_id: str) -> Response:
    """One finding: what is said of it, and the forms."""
    return _one(request, run_id, finding_id)


def _one(
    request: Request, run_id: str, finding_id: str, *, problem: str | None = None, typed: dict[str, str] | None = None
) -> Response:
    today = site_of(request).now().date()
    with store_of(request).reading() as store:
        found = found_in(request, store, run_id)
        line = line_in(found, finding_id)
        state = state_of(store, found.run)
        has_record = record_of(store, run_id, finding_id) is not None
        notes = said.notes_on(store, found.run.la_code, finding_id)
        given = [
            waiver
            for waiver in said.waivers_in_force(store, found.run.la_code, today)
            if waiver.rule_id == line["rule_id"] and waiver.case_ref == line["case_ref"]
        ]
    return answer(
        request,
        "finding.html",
        status=200 if problem is None else 422,
        run=found.run,
        state=state,
        line=line,
        has_record=has_record,
        why=_why(line["rule_id"]),
        notes=notes,
        waivers=given,
        today=today,
        last_day=today + said.LONGEST_WAIVER,
        problem=problem,
        typed={**dict.fromkeys(_TYPED, ""), **(typed or {})},
        **words_of_lines(),
    )


def _why(rule_id: str) -> str | None:
    known = plain(rule_id)
    return known.why if known is not None else None


@router.post("/runs/{run_id}/findings/{finding_id}/note")
def write_note(request: Request, run_id: str, finding_id: str) -> Response:
    """Keep a note; htmx gets the line as it is now."""
    form, site = form_of(request), site_of(request)
    try:
        note = said.text_of(form.get("note", ""), "note")
    except UsageError as error:
        if is_part(request):
            raise
        return _one(request, run_id, finding_id, problem=str(error), typed=form)
    with store_of(request).reading() as store:
        found = found_in(request, store, run_id)
        line_in(found, finding_id)
    with store_of(request).writing() as store:
        said.save_note(store, found.run.la_code, finding_id, note, by=session_of(request).user, on=site.now())
    if not is_part(request):
        return go_to(path_of("runs", run_id, "findings", finding_id))
    with store_of(request).reading() as store:
        line = line_in(found_in(request, store, run_id), finding_id)
    return answer(
        request, "finding_line.html", run=found.run, line=line, **{**words_of_lines(), "saved": "The note is kept."}
    )


@router.post("/runs/{run_id}/findings/{finding_id}/waiver")
def write_waiver(request: Request, run_id: str, finding_id: str) -> Response:
    """Keep a waiver; it counts from the next run on."""
    form, now = form_of(request), site_of(request).now()
    with store_of(request).reading() as store:
        found = found_in(request, store, run_id)
        line = line_in(found, finding_id)
        record_key = record_of(store, run_id, finding_id)
    if line["case_ref"] is None:
        raise nothing("case of that finding")
    try:
        waiver = said.waiver_of({**line, "record_key": record_key}, form, now.date())
    except UsageError as error:
        return _one(request, run_id, finding_id, problem=str(error), typed=form)
    with store_of(request).writing() as store, store.transaction():
        waivers.give(store.connection, found.run.la_code, waiver, by=session_of(request).user, on=now)
    return go_to(path_of("runs", run_id, "findings", finding_id))


@router.get("/waivers/{la_code}")
def in_force(request: Request, la_code: str) -> Response:
    """The waivers of an authority that are in force."""
    with store_of(request).reading() as store:
        if la_code not in authorities(store):
            raise nothing("authority")
        listed = said.waivers_in_force(store, la_code, site_of(request).now().date())
    return answer(request, "waivers.html", la_code=la_code, waivers=listed, path_of=path_of)


@router.post("/waivers/{la_code}/{waiver_no}/withdraw")
def withdraw(request: Request, la_code: str, waiver_no: str) -> Response:
    """Take a waiver back."""
    now = site_of(request).now()
    with store_of(request).reading() as store:
        numbers = {str(waiver.waiver_no) for waiver in said.waivers_in_force(store, la_code, now.date())}
    if waiver_no not in numbers:
        raise nothing("waiver")
    with store_of(request).writing() as store, store.transaction():
        waivers.withdraw(store.connection, la_code, int(waiver_no), on=now, by=session_of(request).user)
    return go_to(path_of("waivers", la_code))
