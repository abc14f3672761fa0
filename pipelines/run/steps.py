"""The steps of a run, once and in order: the command, the flow, the progress line and the ledger read them here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.run import comparing, judging, reading, storing, writing
from pipelines.run.database import RunDatabase
from pipelines.run.outputs import SUPERSEDED
from pipelines.run.request import CHECK, METRICS, Request


@dataclass(frozen=True)
class Step:
    """One step: its name, the words for the progress line, what it does, and the entries of the outputs it makes.

    A step reads the run database and writes to it; all else it needs stands in the request. One that is beside the next
    makes nothing that the next reads, so that both can be at work at the same time.
    """

    name: str
    words: str
    do: Callable[[RunDatabase, Request], None]
    makes: tuple[str, ...] = ()
    is_beside_next: bool = False


STEPS: tuple[Step, ...] = (
    Step("extract", "reading the export and linking references", reading.extract),
    Step("build_facts", "building the facts", reading.build_facts),
    Step("compare", "comparing with the last run", comparing.compare),
    Step("validate", "validating", reading.validate, is_beside_next=True),
    Step("mask", "masking what happened after the quarter", reading.mask),
    Step("select", "choosing the cases of the return", reading.select),
    Step("judge", "having the return judged by the pack's Schematron", judging.judge),
    Step("freeze", "freezing the sections in the warehouse", storing.freeze),
    # Alone: whether the return was written is said at the head of all that follows.
    Step("emit_return", "writing and recounting the return", writing.emit_return, ("return", SUPERSEDED)),
    Step("emit_tables", "computing the published tables", writing.emit_tables, ("tables",), True),
    Step("emit_findings", "writing the findings", writing.emit_findings, ("findings",), True),
    Step("emit_worklists", "writing the worklists", writing.emit_worklists, ("worklists",), True),
    Step("emit_metrics", "computing local metrics", writing.emit_metrics, ("metrics",)),
    Step("finish", "writing the ledger", writing.finish, ("reference_map.csv", "ledger.json")),
)
STEP = {step.name: step for step in STEPS}

LEFT_OUT: dict[str | None, frozenset[str]] = {
    None: frozenset(),
    CHECK: frozenset({"emit_return", "emit_tables", "emit_metrics"}),
    METRICS: frozenset({"emit_return", "emit_tables", "emit_findings", "emit_worklists"}),
}
"""By the part of a run that is asked for alone (``Request.only``): the steps that it goes without."""
