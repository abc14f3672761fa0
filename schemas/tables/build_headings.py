"""Draw headings.csv, labels.csv and tables.csv from the list of every published column in every quarter.

Run: ``python schemas/tables/build_headings.py headings_all_quarters.csv``. The input has one row per column
of a workbook as first published: period (yyyymm), table, title, unit, col, column_path, percent_column.
``republished.csv`` names the tables that a later edition of a quarter prints with another quarter's columns.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent

TABLE_ORDER = [
    *["A1", "A2", "A2P", "A2R", "A3", "A4", "A4P", "A4R", "A5P", "A5R", "A6", "A7", "A8", "A9"],
    *["A10", "A11", "A12", "A13", "P1", "P2", "P3", "P4", "P5", "R1", "R2", "R3", "R4", "R5"],
    *["MD1", "MD2", "MD3", "TA1", "TA2", "TA3", "TA4", "TA4c", "TA4s", "TA5", "TA6", "TA7", "TA8"],
    *["TA9", "TA9_TATYPE", "TA9_HHTYPE"],
]

# Printed as A2p in its one trial quarter (2020-Q2) and as A2P from the next.
TABLE_NAMES = {"A2p": "A2P"}

# Not figures: a stray block beside the table (2023-Q2), a filled spacer column (2024-Q3).
STRAY = {("A7", "Grand Total"), ("MD3", "Household member vulnerable as a result of:")}

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
LEFT_OUT = "Of which:"
A_LABEL_OF_DIGITS = re.compile(r"\d+(-\d+|\+)?")
FOOTNOTE_AT_END = re.compile(r"(\s|(?<=[A-Za-z)+]))\d(,\d)*$")
FOOTNOTE_SUPERSCRIPT = re.compile(r"\s*[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+$")
FOOTNOTE_BEFORE_000S = re.compile(r"(?<=[A-Za-z)])\d(,\d)* (?=\(000s\)$)")
FOOTNOTE_SENT_TO = re.compile(r"^Sent to ?\d(,\d)*:")


def without_footnotes(printed: str) -> str:
    """One printed heading label without its footnote marks; ages, counts of needs and units stay."""
    label = " ".join(printed.split())
    if A_LABEL_OF_DIGITS.fullmatch(label):
        return label
    label = FOOTNOTE_SENT_TO.sub("Sent to:", label)
    label = FOOTNOTE_BEFORE_000S.sub(" ", label)
    label = FOOTNOTE_SUPERSCRIPT.sub("", label)
    return FOOTNOTE_AT_END.sub("", label)


def quarter_of(period: str) -> str:
    """Calendar quarter of a file period: '202509' is '2025-Q3'."""
    return f"{period[:4]}-Q{int(period[4:]) // 3}"


def measure_of(table: str, path: str, percent: bool) -> str:
    """What the numbers of a column are: count, percent, rate, thousands or days."""
    if percent or path.startswith("Percentage "):
        return "percent"
    if table == "TA7":
        return "days"
    if path.startswith("Number of households") and path.endswith("(000s)"):
        return "thousands"
    if "per (000s)" in path or "per 1000 households" in path:
        return "rate"
    return "count"


def title_of(printed: str) -> str:
    """Table title without the table's name, the place and the period, which every quarter prints anew."""
    text = " ".join(printed.split()).replace("activ 2025ty", "activity")
    text = re.sub(r"^(Table )?(A|P|R|MD|TA)\d+\S*( Type)?\s*[-\u2013]\s*", "", text)
    text = re.sub(rf",?\s*(\d{{1,2}}(st|th)? )?({MONTHS})( to ({MONTHS}))?,?( \d{{4}})?\s*$", "", text)
    text = re.sub(r"(, Local Authorites in| in English local authorities)?,?\s*(England)?$", "", text)
    text = re.sub(r",? by local authority\d?$", "", text)
    return FOOTNOTE_AT_END.sub("", text).strip(" ,")


def runs(quarters: list[str], known: list[str]) -> list[tuple[str, str]]:
    """Unbroken runs of quarters, as (first, last); the last is empty where the run reaches the newest one."""
    index = sorted(known.index(q) for q in quarters)
    out: list[tuple[str, str]] = []
    start = previous = index[0]
    for i in [*index[1:], len(known) + 1]:
        if i != previous + 1:
            out.append((known[start], "" if previous == len(known) - 1 else known[previous]))
            start = i
        previous = i
    return out


def main(source: Path) -> None:
    """Write the three CSV files beside this script."""
    with source.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    known = sorted({quarter_of(r["period"]) for r in rows})
    labels: dict[str, str] = {}
    columns: dict[tuple[str, int, str, str], list[str]] = {}
    titles: dict[tuple[str, str], list[str]] = {}
    units: dict[str, str] = {}
    layouts: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        table = TABLE_NAMES.get(row["table"], row["table"])
        quarter = quarter_of(row["period"])
        printed = [part for part in row["column_path"].split(" > ") if part != LEFT_OUT]
        path = " > ".join(without_footnotes(part) for part in printed)
        if (table, row["column_path"]) in STRAY:
            continue
        for part in printed:
            labels[" ".join(part.split())] = without_footnotes(part)
        measure = measure_of(table, path, row["percent_column"] == "1")
        layout = layouts.setdefault((table, quarter), [])
        if (path, measure) in layout:
            raise SystemExit(f"{quarter} {table}: two columns are called {path!r} ({measure})")
        layout.append((path, measure))
        units[table] = units.get(table) or row["unit"]
        quarters = titles.setdefault((table, title_of(row["title"])), [])
        if quarter not in quarters:
            quarters.append(quarter)
    with (HERE / "republished.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            table, quarter, like = row["table"], row["quarter"], row["same_as_quarter"]
            if (table, quarter) not in layouts:
                next(q for (t, _), q in titles.items() if t == table and like in q).append(quarter)
            layouts[table, quarter] = layouts[table, like]
    for (table, quarter), layout in layouts.items():
        for place, (path, measure) in enumerate(layout, start=1):
            columns.setdefault((table, place, path, measure), []).append(quarter)

    def write(name: str, header: list[str], out: list[list[str]]) -> None:
        with (HERE / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(out)

    write(
        "headings.csv",
        ["table", "valid_from_quarter", "valid_to_quarter", "position", "column_path", "measure"],
        [
            [table, first, last, str(place), path, measure]
            for (table, place, path, measure), first, last in sorted(
                ((key, *run) for key, quarters in columns.items() for run in runs(quarters, known)),
                key=lambda r: (TABLE_ORDER.index(r[0][0]), r[1], r[2] or "9999", r[0][1:]),
            )
        ],
    )
    write("labels.csv", ["printed", "label"], [[p, c] for p, c in sorted(labels.items()) if p != c])
    write(
        "tables.csv",
        ["table", "valid_from_quarter", "valid_to_quarter", "title", "unit"],
        [
            [table, first, last, title, units[table]]
            for (table, title), first, last in sorted(
                ((key, *run) for key, quarters in titles.items() for run in runs(quarters, known)),
                key=lambda r: (TABLE_ORDER.index(r[0][0]), r[1]),
            )
        ],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
