"""The metrics of a quarter: those of ``hclic metrics``, internal edition."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipelines import shown
from pipelines.metrics.catalogue import metrics
from pipelines.serve.answering import answer, nothing, path_of
from pipelines.serve.official import frame_of, opened_quarter
from pipelines.serve.paging import PAGE_ROWS, number_of, pages_of

router = APIRouter()


@router.get("/metrics/{la_code}/{quarter}")
def listed(request: Request, la_code: str, quarter: str) -> Response:
    """Every metric by title."""
    with opened_quarter(request, la_code, quarter) as opened:
        shown = sorted(metrics(), key=lambda one: one.title)
        return answer(request, "metrics.html", metrics=shown, **frame_of(opened))


@router.get("/metrics/{la_code}/{quarter}/{name}")
def one_metric(request: Request, la_code: str, quarter: str, name: str, page: str = "1") -> Response:
    """The rows of one metric."""
    one = next((metric for metric in metrics() if metric.name == name), None)
    if one is None:
        raise nothing("metric")
    with opened_quarter(request, la_code, quarter) as opened:
        frame = opened.metric(name)
        number = number_of(page, frame.height)
        rows = frame.slice((number - 1) * PAGE_ROWS, PAGE_ROWS).rows()
        head = [column.replace("_", " ").capitalize() for column in frame.columns]
        return answer(
            request,
            "metric.html",
            metric=one,
            head=head,
            words=[name for name, kind in zip(head, frame.dtypes, strict=True) if not kind.is_numeric()],
            case_at=frame.columns.index("case_ref") if "case_ref" in frame.columns else None,
            rows=[[told(value) for value in row] for row in rows],
            count=frame.height,
            page=number,
            pages=pages_of(frame.height),
            here=path_of("metrics", la_code, quarter, name),
            **frame_of(opened),
        )


def told(value: Any) -> str:
    """A value of a metric for reading; what is missing is empty, never 0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value.day}\u00a0{value:%b}\u00a0{value:%Y}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return shown.decimal(value, 2)
    return str(value)
