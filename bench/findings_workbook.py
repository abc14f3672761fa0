"""The workbook of findings: seconds to put findings into words and to write it, and its size.

``python bench/findings_workbook.py [--findings 100000] [--link]``. Processor seconds stand beside those of the clock:
on a machine with other work only they can be compared.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipelines import findings as found
from pipelines.emit.findings.files import write_findings
from pipelines.emit.findings.officers import officers_frame
from pipelines.emit.findings.workbook import Contents
from pipelines.extract import SET_ASIDE
from pipelines.state import BLOCKED, RunState
from schemas.rules import RULES

PER_CASE, OFFICERS = 5, 40
URL = "https://cases.council.example/case/{local_ref}"


def invented(number: int) -> pl.DataFrame:
    """One row per finding: every rule in turn, five findings a case, forty officers."""
    rules = [rule for rule in RULES if rule.decidable]
    return found.frame(
        found.Finding(
            rule.rule_id,
            rule.severity,
            rule.message,
            rule.action,
            section=rule.section,
            case_ref=f"E06000034_{place // PER_CASE:012}",
            fields=", ".join(rule.fields),
            value=f"{rule.fields[0]}=2025-07-{place % 28 + 1:02}" if rule.fields else None,
            officer=f"HO{place // PER_CASE % OFFICERS:02}",
            team="Options",
            local_ref=f"HB/{place // PER_CASE}",
            file=f"{rule.section}.csv",
            row=place + 2,
            in_return=found.YES,
            kind=rule.finding_kind,
            finding_id=f"{place:016x}",
            state=found.NEW,
            since="2025-10-07",
        )
        for place, rule in ((place, rules[place % len(rules)]) for place in range(number))
    )


def main() -> None:
    """Measure once, and print it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--findings", type=int, default=100_000)
    asked.add_argument("--link", action="store_true", help="with case_url in the source profile")
    given = asked.parse_args()
    rows, aside = invented(given.findings), pl.DataFrame(schema=SET_ASIDE)
    clock, processor = time.perf_counter(), time.process_time()
    lines = officers_frame(rows, case_url=URL if given.link else None)
    contents = Contents(
        title="Thurrock (E06000034), July to September 2025",
        state=RunState(BLOCKED, 1),
        as_at=date(2025, 10, 8),
        lines=lines,
        resolved=lines.clear().with_columns(pl.lit(None, pl.Date).alias("resolved_on")),
        set_aside=aside,
        not_run=(),
        made=datetime(2025, 10, 8, tzinfo=UTC),
    )
    with tempfile.TemporaryDirectory() as folder:
        write_findings(rows, aside, Path(folder), contents)
        size = (Path(folder) / "findings.xlsx").stat().st_size
    print(
        f"{given.findings:,} findings in {time.perf_counter() - clock:.1f} s"
        f" ({time.process_time() - processor:.1f} s of processor), {size / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    main()
