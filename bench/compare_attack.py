"""What a reader of a comparison for sharing can work out, at the size of England and region by region.

    .venv/bin/python bench/compare_attack.py WORKBOOK

Each authority has the cells that MHCLG printed of it; a cell that is hidden there is drawn, from 0 to 3, and so is
what a ledger says. First the comparison of all is made; then, region by region, everything that a reader has is laid
before a solver (``tests/fleet/solved.py``) and each count is asked for, with the tables published and before they are.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl

from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.fleet.comparing import definitions
from pipelines.fleet.comparing.figures import Outside, compare
from pipelines.fleet.comparing.gather import Gathered
from pipelines.fleet.held import CELLS
from pipelines.period import Quarter
from pipelines.published.cells import SUPPRESSED
from pipelines.published.reader import AUTHORITY_CODE, read_workbook
from pipelines.state import RunState
from pipelines.warehouse.store import StoredRun
from schemas.codelists import codelist
from tests.fleet.solved import attacked

DRAWN = (0, 3)


def authorities(workbook: Path) -> tuple[list[Gathered], Quarter]:
    """Each authority of the workbook of which every cell that is compared is printed or hidden."""
    book = read_workbook(workbook)
    quarter, draw = Quarter.parse(book.quarter), random.Random(1)
    columns = pl.DataFrame(
        definitions.columns_of(quarter), schema=["count_name", "official_table", "column_path"], orient="row"
    )
    cells = book.tidy.filter(pl.col("measure") == "count").rename({"table": "official_table"})
    hidden = cells["note"] == SUPPRESSED
    drawn = pl.Series([float(draw.randint(*DRAWN)) for _ in range(cells.height)])
    cells = cells.with_columns(
        value=pl.when(hidden).then(drawn).otherwise(pl.col("value")),
        note=pl.when(hidden).then(pl.lit("")).otherwise(pl.col("note")),
    )
    found = []
    for (code,), own in cells.group_by("la_code", maintain_order=True):
        compared = own.join(columns, on=["official_table", "column_path"], how="semi")
        if not AUTHORITY_CODE.fullmatch(str(code)) or compared["value"].null_count():
            continue
        run = StoredRun(f"{code}-1", str(code), quarter, quarter.last_day, exact=True)
        key = f"key of {code}".encode()
        found.append(Gathered(run, RunState("clean"), own.select(*CELLS), ledger(draw), {}, key, OFFICIAL_BASE_BELOW))
    return found, quarter


def ledger(draw: random.Random) -> dict[str, object]:
    """What a run says of cases, findings and rows."""
    cases = draw.randint(150, 2000)
    return {
        "cases": {"in_export": cases},
        "findings": {
            "by_kind": [
                {"kind": kind, "findings": draw.randint(0, 60), "errors": 0} for kind in ("fix", "tidy", "casework")
            ]
        },
        "inputs": [{"rows_read": 6 * cases, "rows_set_aside": draw.choice((0, 0, 1, 2, 9))}],
        "times": {"started": f"{date(2025, 10, 7)}T08:00:00+00:00"},
    }


def main(workbook: str) -> None:
    """Compare all, then attack each region."""
    found, quarter = authorities(Path(workbook))
    schema = {"la_code": pl.String(), "official_table": pl.String(), "column_path": pl.String()}
    outside = Outside(dict.fromkeys((one.run.la_code for one in found), 50.0), pl.DataFrame(schema=schema))
    start = process_time()
    made = compare(found, quarter, outside, internal=False)
    sys.stdout.write(
        f"{len(found)} authorities: {sum(map(len, made.released.values())):,} counts printed, {made.left_out} left out;"
        f" {process_time() - start:.1f} s\n"
    )
    by_region: dict[str, list[Gathered]] = defaultdict(list)
    for one in found:
        by_region[codelist("authority").codes[one.run.la_code].extra["region"] or ""].append(one)
    for region, some in sorted(by_region.items()):
        shown = compare(some, quarter, outside, internal=False)
        for is_published in (True, False):
            start = process_time()
            narrow, asked = attacked(some, shown, is_published=is_published)
            when = "published" if is_published else "before"
            sys.stdout.write(
                f"{region}, {len(some)} authorities, {when}: {asked} counts asked for, {shown.left_out} left out,"
                f" {len(narrow)} can be fewer than three values; {process_time() - start:.1f} s\n"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
