"""England's row held against the published one: ``python -m bench.fleet_tables WAREHOUSE WORKBOOK [--exports FOLDER]``.

For a warehouse whose authorities were made from the workbook (``hclic synthesise --all``) and run. Every count of
every table is compared, authority by authority and added up, and the days of each authority. One that differs must be
known of: as a column that MHCLG prints wrongly, as a contradiction in print, or as a clash that the export names
(``clashes.csv`` under ``--exports``). What is suppressed or missing in print is counted and not compared; what is
suppressed in print must be hidden by us. Prints one line a table, each cell of England that differs with its reasons,
and the authorities that are in no sum; ``--out`` takes the list cell by cell. Ends with status 1 where something is
left over.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import polars as pl

from pipelines.fleet.england.made import england_of
from pipelines.fleet.england.rows import ENGLAND, as_tidy, for_sharing
from pipelines.fleet.held import held_in
from pipelines.period import Quarter
from pipelines.place import parse_place
from pipelines.published.cells import MISSING, SUPPRESSED
from pipelines.published.headings import read_data
from pipelines.published.identities import wrong_columns
from pipelines.published.reader import PublishedWorkbook, read_workbook

LEFT = "left over"
WRONG = "MHCLG's column is wrong"
PRINTED = "contradiction in print"
HIDDEN_FOR_QUALITY = ("A7", "TA3")
"""Tables that MHCLG also hides for the quality of an authority's data, which no household tells."""
_CELL = ["la_code", "table", "column_path"]


def known(book: PublishedWorkbook, exports: Path | None) -> dict[tuple[str, str, str], str]:
    """The reason of each cell that is known not to be reached, by authority (empty: all), table and column."""
    found = {
        (row["authority"], row["table"], row["column"]): f"{PRINTED}: {row['identity']}"
        for row in read_data("published_defects.csv")
        if row["quarter"] == book.quarter
    }
    for path in sorted(exports.glob("*/clashes.csv")) if exports else ():
        for row in pl.read_csv(path, infer_schema=False).filter(quarter=book.quarter).to_dicts():
            found[path.parent.name, row["table"], row["column_path"]] = f"{row['kind']}: {row['reason']}"
    for wrong in wrong_columns(book.quarter):
        found["", wrong.table, wrong.column_path] = f"{WRONG}: {wrong.reason}"
    return found


def compared(tidy: pl.DataFrame, shown: pl.DataFrame, book: PublishedWorkbook) -> pl.DataFrame:
    """One row per authority and count or number of days: ours, hidden for sharing or not, and what is printed."""
    key = [*_CELL, "measure"]
    printed = book.tidy.select(*key, printed="value", printed_note="note")
    ours = tidy.filter(pl.col("measure").is_in(["count", "days"])).join(printed, on=key, maintain_order="left")
    hidden = shown.select(*key, is_hidden=pl.col("note") == SUPPRESSED)
    return ours.join(hidden, on=key, how="left", maintain_order="left")


def main() -> None:
    """Compare and print; status 1 where something is left over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("warehouse", type=parse_place)
    parser.add_argument("workbook", type=Path)
    parser.add_argument("--exports", type=Path, help="folder with the clashes.csv of each authority in its own folder")
    parser.add_argument("--out", type=Path, help="CSV of every cell that differs, authority by authority")
    given = parser.parse_args()
    begun, processor = time.perf_counter(), time.process_time()
    book = read_workbook(given.workbook)
    quarter = Quarter.parse(book.quarter)
    held, cells = held_in(given.warehouse, quarter)
    made = england_of(held, cells, quarter, book)
    took = f"{time.process_time() - processor:.1f} s of processor time, {time.perf_counter() - begun:.1f} s in all"
    used = {one.la_code: one for one in held if one.is_used}
    tidy = as_tidy(cells, book.quarter, {code: code for code in used})
    shown = for_sharing(tidy, {code: one.settings.suppress_below for code, one in used.items()})
    rows = compared(tidy, shown, book)
    reasons = known(book, given.exports)
    both = rows.filter(pl.col("value").is_not_null() & pl.col("printed").is_not_null())
    differing = both.filter(pl.col("value") != pl.col("printed"))
    why = [reasons.get(("", *key[1:])) or reasons.get(key, LEFT) for key in differing.select(_CELL).rows()]
    differing = differing.with_columns(
        difference=pl.col("value") - pl.col("printed"), reason=pl.Series(why, dtype=pl.String)
    )
    open_in_ours = rows.filter(
        (pl.col("printed_note") == SUPPRESSED) & ~pl.col("is_hidden") & ~pl.col("table").is_in(HIDDEN_FOR_QUALITY)
    )
    if given.out:
        differing.select(*_CELL, "value", "printed", "difference", "reason").write_csv(given.out)
    of_england = made.internal.filter(la_code=ENGLAND, measure="count")
    print(f"{made.words} Read and added up in {took}.\n")
    print("| table | cells of England | equal | differ, known | left over | authority cells | suppressed | missing |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    left = []
    for (table,), part in of_england.group_by("table", maintain_order=True):
        mine, apart = rows.filter(table=table), differing.filter(table=table)
        wrong = Counter[str]()
        for cell in part.to_dicts():
            listed = apart.filter(column_path=cell["column_path"])
            if (cell["difference"] or 0) != listed["difference"].sum() or LEFT in listed["reason"].to_list():
                wrong[LEFT] += 1
                left.append(f"{table} {cell['column_path']}")
            elif listed.height:
                wrong["known"] += 1
        notes = Counter(mine["printed_note"].to_list())
        equal = part.height - wrong.total()
        print(
            f"| {table} | {part.height} | {equal} | {wrong['known']} | {wrong[LEFT]} | {mine.height:,}"
            f" | {notes[SUPPRESSED]:,} | {notes[MISSING]:,} |"
        )
    if differing.height:
        print("\nCells of England that differ from the sum of the published rows, and why:\n")
    for (table, path), part in differing.group_by("table", "column_path", maintain_order=True):
        print(f"- {table} {path}: {part['difference'].sum():+g} over {part.height} authorities")
        for reason, many in Counter(part["reason"].to_list()).most_common():
            codes = part.filter(reason=reason)["la_code"].to_list()
            named = f"{many} authorities" if many > 5 else ", ".join(codes)
            print(f"  {named}: {reason}")
    for row in differing.filter(pl.col("measure") == "days", pl.col("reason") == LEFT).to_dicts():
        left.append(f"{row['la_code']} {row['table']} {row['column_path']}: {row['printed']:g}, ours {row['value']:g}")
    for row in open_in_ours.to_dicts():
        left.append(f"{row['la_code']} {row['table']} {row['column_path']}: suppressed in print, shown by ours")
    print(f"\nIn no sum: {made.unused.height} of {made.authorities.height} authorities.")
    for reason, part in made.unused.group_by("why", maintain_order=True):
        codes = part["la_code"].to_list()
        print(f"- {len(codes)}: {reason[0]} {', '.join(codes[:10])}{' …' if len(codes) > 10 else ''}")
    if left:
        print("\nLeft over:", *left, sep="\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
