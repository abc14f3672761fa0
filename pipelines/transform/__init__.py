"""From one run's sections to the editions that checks, metrics, tables and the return read."""

from __future__ import annotations

from pipelines.transform.editions import (
    MARTS,
    QUARTER_END,
    RECORDED,
    SENT,
    STAGING,
    build_recorded,
    build_sent,
    create,
    edition,
    load_sections,
    prepare,
    use,
)
from pipelines.transform.stored import build

__all__ = [
    "MARTS",
    "QUARTER_END",
    "RECORDED",
    "SENT",
    "STAGING",
    "build",
    "build_recorded",
    "build_sent",
    "create",
    "edition",
    "load_sections",
    "prepare",
    "use",
]
