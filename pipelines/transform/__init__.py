"""From one run's sections to the editions that checks, metrics, tables and the return read."""

from __future__ import annotations

from pipelines.transform.editions import (
    FACTS,
    MARTS,
    QUARTER_END,
    RECORDED,
    SENT,
    STAGING,
    build_as_sent,
    build_facts,
    build_quarter_end,
    build_sent,
    create_one_row_views,
    edition,
    load_sections,
    prepare,
    report_on,
    use,
)
from pipelines.transform.relations import create, create_each, read_relation
from pipelines.transform.stored import build
from pipelines.transform.window import create_window

__all__ = [
    "FACTS",
    "MARTS",
    "QUARTER_END",
    "RECORDED",
    "SENT",
    "STAGING",
    "build",
    "build_as_sent",
    "build_facts",
    "build_quarter_end",
    "build_sent",
    "create",
    "create_each",
    "create_one_row_views",
    "create_window",
    "edition",
    "load_sections",
    "prepare",
    "read_relation",
    "report_on",
    "use",
]
