"""Each rule in plain words: what is wrong, why it matters, what to do, and examples."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipelines.serve.answering import answer, nothing
from pipelines.validate.catalogue import page_id
from pipelines.validate.reference import Page, pages

router = APIRouter()


@cache
def _known() -> dict[str, Page]:
    return {page.page_id: page for page in pages()}


@router.get("/rules/{rule_id}")
def one_rule(request: Request, rule_id: str) -> Response:
    """One rule; those of one kind share a page."""
    page = _known().get(page_id(rule_id))
    if page is None:
        raise nothing("rule")
    examples = (("Reported, for example", page.bad), ("Not reported, for example", page.good))
    return answer(request, "rule.html", page=page, rule_id=rule_id, examples=[one for one in examples if one[1]])
