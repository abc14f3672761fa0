"""The steps of a run, once and in order: the command, the flow, the progress line and the ledger read them here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step: its name and the words for the progress line."""

    name: str
    words: str


STEPS: tuple[Step, ...] = (
    Step("extract", "reading the export"),
    Step("link", "linking references"),
    Step("validate", "validating"),
    Step("freeze", "freezing the sections in the warehouse"),
    Step("transform", "building the marts"),
    Step("emit_return", "writing and recounting the return"),
    Step("emit_tables", "computing the published tables"),
    Step("emit_metrics", "computing local metrics"),
    Step("finish", "writing findings and ledger"),
)
