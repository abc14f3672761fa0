"""The worklists of a quarter: what officers are asked about, as on the day of the export."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipelines.serve.answering import answer, nothing, path_of
from pipelines.serve.measures import told
from pipelines.serve.official import frame_of, opened_quarter
from pipelines.serve.paging import PAGE_ROWS, number_of, pages_of
from pipelines.worklists.page import WIDE

router = APIRouter()


@router.get("/worklists/{la_code}/{quarter}")
def contents(request: Request, la_code: str, quarter: str) -> Response:
    """Every worklist with its question and the number of its rows."""
    with opened_quarter(request, la_code, quarter) as opened:
        return answer(request, "worklists.html", lists=opened.worklists(), **frame_of(opened))


@router.get("/worklists/{la_code}/{quarter}/{ident}")
def one_list(request: Request, la_code: str, quarter: str, ident: str, page: str = "1") -> Response:
    """The rows of one worklist."""
    with opened_quarter(request, la_code, quarter) as opened:
        one = next((each for each in opened.worklists() if each.ident == ident), None)
        if one is None:
            raise nothing("worklist")
        names = [column.name for column in one.columns]
        number = number_of(page, one.rows.height)
        rows = one.rows.select(names).slice((number - 1) * PAGE_ROWS, PAGE_ROWS).rows()
        return answer(
            request,
            "worklist.html",
            one=one,
            head=[column.title for column in one.columns],
            words=[column.title for column in one.columns if not one.rows[column.name].dtype.is_numeric()],
            long=[column.title for column in one.columns if column.width >= WIDE],
            case_at=names.index("case_ref") if "case_ref" in names else None,
            rows=[[told(value) for value in row] for row in rows],
            page=number,
            pages=pages_of(one.rows.height),
            here=path_of("worklists", la_code, quarter, ident),
            **frame_of(opened),
        )
