"""Years of every authority from one quarter: ``python -m bench.years FOLDER OUT [--copies N] [--every WEEKS]``.

FOLDER is what ``hclic synthesise --all`` made of one quarter. Published workbooks that follow each other are few, so
that a chain of quarters does not give years. Here each authority's cases come again, under other references and with
other people, each time so many weeks earlier, with all that was open at the end of the quarter ended on the day that
its last day became: the present caseload stays what the workbook prints. Cases that would have begun before the duty to
refer are left out. OUT has the same authorities and a ``manifest.csv``. The bytes are always the same.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.period import Quarter
from pipelines.side_by_side import Lost, side_by_side
from schemas.sections import SECTION

COPIES, EVERY = 11, 26
"""With these, England's 268,430 cases of 2025-Q3 become 2,641,501, the oldest of 2018."""
_DUTY_TO_REFER = date(2018, 10, 1)
_MOST_COPIES = 99
_ENDS = {
    "prevention": ("prevention_end", {"prevention_outcome": "contact_lost"}, "prevention_end_notified_date"),
    "relief": ("relief_end", {"relief_outcome": "contact_lost"}, "relief_end_notified_date"),
    "final_duties": ("main_duty_end", {"main_duty_outcome": "voluntary"}, "main_duty_end_notified_date"),
    "temporary_accommodation": ("exit_date", {"exit_reason": "left"}, None),
    "reviews": ("review_outcome_date", {"review_outcome": "withdrawn"}, None),
}
"""For a section the day on which what it holds ends, how, and the day on which that is told."""
_APART = 6_000
"""Between the numbers of two copies; only the largest authorities have more cases in a quarter."""
_NAMES = ("local_ref", "placement_ref", "invoice_number")


def copies_of(
    sections: Mapping[str, pl.DataFrame], section: str, quarter: Quarter, copies: int, every: int
) -> Iterator[pl.DataFrame]:
    """The rows of a section as they are, and as each earlier copy has them."""
    rows = sections[section]
    yield rows
    if section == "assistance":
        # Of a case that is over it is said what was done for each need.
        needs = sections["support_needs"].filter(~pl.col("support_need").is_in(["none", "unknown"]))
        unsaid = needs.join(rows, on=["case_ref", "support_need"], how="anti", maintain_order="left")
        refused = unsaid.with_columns(assistance=pl.lit("refused"), provider=pl.lit(None, pl.String))
        rows = pl.concat([rows, refused.select(rows.columns)])
    days = [column.name for column in SECTION[section].columns if column.kind == "date" and column.name in rows.columns]
    for copy in range(1, copies):
        back = timedelta(weeks=every * copy)
        numbered = rows.with_columns(
            *([_other_number(copy)] if section == "people" else []),
            pl.col("case_ref").str.replace("_00", f"_{copy:02d}", literal=True),
            *(pl.col(name).str.to_date() - back for name in days),
            *(pl.col(name) + f"-{copy}" for name in _NAMES if name in rows.columns),
        )
        if section in _ENDS:
            numbered = _ended(numbered, *_ENDS[section], quarter.last_day - back)
        yield numbered


def _other_number(copy: int) -> pl.Expr:
    """National Insurance numbers of other people, QQ as well: two letters, the case's five digits, the person's."""
    number = pl.col("nino")
    digits = (number.str.slice(2, 5).cast(pl.Int64) + copy * _APART) % 100_000
    return ("QQ" + digits.cast(pl.String).str.zfill(5) + number.str.slice(7)).alias("nino")


def _ended(rows: pl.DataFrame, end: str, outcome: dict[str, str], told: str | None, day: date) -> pl.DataFrame:
    is_open = pl.col(end).is_null()
    if end == "main_duty_end":
        is_open &= pl.col("main_decision") == "accepted"
    said = {end: pl.lit(day), **{name: pl.lit(code) for name, code in outcome.items()}}
    if told is not None:
        said[told] = pl.lit(day)
    return rows.with_columns(
        pl.when(is_open).then(value).otherwise(pl.col(name)).alias(name) for name, value in said.items()
    )


def repeat(export: Path, out: Path, quarter: Quarter, copies: int, every: int) -> int:
    """Write one authority's years into ``out``; gives the number of cases."""
    out.mkdir(parents=True, exist_ok=True)
    sections = {name: pl.read_csv(export / f"{name}.csv", infer_schema=False) for name in SECTION}
    main = list(copies_of(sections, "main", quarter, copies, every))
    since = pl.col("application_date") >= _DUTY_TO_REFER
    kept = [main[0].select("case_ref"), *(rows.filter(since).select("case_ref") for rows in main[1:])]
    for name in sections:
        with (out / f"{name}.csv").open("wb") as file:
            again = copies_of(sections, name, quarter, copies, every)
            for number, (frame, cases) in enumerate(zip(again, kept, strict=True)):
                frame.join(cases, on="case_ref", how="semi", maintain_order="left").write_csv(
                    file, include_header=not number
                )
    return sum(cases.height for cases in kept)


_given: tuple[Path, Path, int, int]


def _begin(*given: object) -> None:
    global _given
    _given = given  # type: ignore[assignment]


def _repeat(line: str) -> int:
    folder, out, copies, every = _given
    authority, export, quarter = line.split("|")
    return repeat(folder / export, out / authority, Quarter.parse(quarter), copies, every)


def main() -> None:
    """Write the years, and print how many cases they have; status 1 where an authority is missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--copies", type=int, default=COPIES, choices=range(1, _MOST_COPIES + 1), metavar="N")
    parser.add_argument("--every", type=int, default=EVERY, metavar="WEEKS")
    parser.add_argument("--authority", action="append", help="only this one; may be given several times")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    with (given.folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        listed = [row for row in csv.DictReader(file) if not given.authority or row["authority"] in given.authority]
    given.out.mkdir(parents=True, exist_ok=True)
    lines = ["|".join((row["authority"], row["export"], row["quarter"])) for row in listed]
    task = (given.folder, given.out, given.copies, given.every)
    found = list(side_by_side(_repeat, lines, given.processes, _begin, task))
    with (given.out / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["authority", "export", "source", "quarter"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "export": row["authority"]} for row in listed)
    lost = sum(isinstance(one, Lost) for one in found)
    cases = sum(one for one in found if not isinstance(one, Lost))
    print(f"{cases:,} cases of {len(found) - lost} authorities in {given.out}")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
