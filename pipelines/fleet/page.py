"""What became of a fleet as one page: no script, nothing to fetch, no data of a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipelines.authority import authority_name
from pipelines.emit.pages.parts import Table
from pipelines.emit.pages.templating import render
from pipelines.emit.pages.words import UNKNOWN_MARK, day, number
from pipelines.fleet.one import BLOCKED, CLEAN, FAILED, REFUSED, STOPPED, Outcome
from pipelines.period import Quarter

TITLES = {FAILED: "Failed", REFUSED: "Not begun", STOPPED: "Stopped", BLOCKED: "Blocked", CLEAN: "Clean"}
HEAD = ("Authority", "Cases", "In the return", "Errors", "Warnings", "Seconds", "What happened")
NOTES = (
    "Internal: for those who make the runs. It holds counts and no data of a case; what is wrong with a case stands in"
    " the findings of its authority.",
    f"{UNKNOWN_MARK} means that it is not known: the run wrote nothing that would say so. It is not 0.",
)


def page(
    outcomes: Sequence[Outcome], counted: Sequence[tuple[str, int]], *, software_version: str, made: datetime
) -> str:
    """The page of one quarter.

    Args:
        outcomes: in the order in which they are shown.
        counted: result and number of runs, in the order in which they are shown.
        software_version, made: printed in the footer.
    """
    clean = sum(one.result == CLEAN for one in outcomes)
    zone = " UTC" if made.utcoffset() is not None else ""
    return render(
        "fleet.html",
        name="Runs of many authorities",
        authority=f"{len({one.authority for one in outcomes}):,} authorities",
        quarter=Quarter.parse(outcomes[0].quarter),
        edition="Internal: not for publication",
        standing=f"{clean:,} of {len(outcomes):,} runs ended clean.",
        is_halted=clean < len(outcomes),
        notes=list(NOTES),
        groups=[
            {
                "ident": result,
                "title": TITLES[result],
                "number": f"{size:,}",
                "table": Table(
                    f"{TITLES[result]}: {size:,} {'run' if size == 1 else 'runs'}",
                    HEAD,
                    tuple(_row(one) for one in outcomes if one.result == result),
                ),
            }
            for result, size in counted
        ],
        software_version=software_version,
        made_on=day(made.date()),
        made_at=f"{made:%H:%M}{zone}",
    )


def _row(one: Outcome) -> tuple[str, ...]:
    counts = (one.cases, one.in_return, one.errors, one.warnings)
    shown = (UNKNOWN_MARK if count is None else number(count) for count in counts)
    said = f"{'Stood unchanged. ' if one.is_unchanged else ''}{one.sentence}"
    return (f"{authority_name(one.authority)} ({one.authority})", *shown, f"{one.seconds:.1f}", said)
