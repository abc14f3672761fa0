"""Rows and headings: missing, doubled, shifted, added, from another file."""

from __future__ import annotations

from tests.corpus.base import AUTHORITY, FILES, ONE, THREE, TWO, Call
from tests.corpus.edits import (
    Rows,
    cell,
    csv_text,
    double,
    edit,
    gone,
    heading,
    option,
    renamed,
    row,
    rows,
    rows_of,
    several,
    text,
    with_column,
    without_column,
    without_row,
)
from tests.corpus.entry import Entry


def shifted(name: str, number: int, place: int) -> object:
    """A cell too many at a place, and the last one lost: the row is as long as before."""

    def apply(parsed: Rows) -> None:
        line = parsed[number - 1]
        parsed[number - 1] = [*line[:place], "Smith", *line[place:-1]]

    return rows(name, apply)


def shifted_left(name: str, number: int, place: int) -> object:
    """A cell is lost at a place."""

    def apply(parsed: Rows) -> None:
        line = parsed[number - 1]
        parsed[number - 1] = [*line[:place], *line[place + 1 :], ""]

    return rows(name, apply)


def swapped_files(first: str, second: str) -> object:
    """Each of two files under the other's name."""

    def apply(call: Call) -> None:
        one, two = call.text(first), call.text(second)
        call.write(first, two)
        call.write(second, one)

    return apply


def swapped_headings(name: str, first: str, second: str) -> object:
    """Two headings change places."""

    def apply(parsed: Rows) -> None:
        head = parsed[0]
        one, two = head.index(first), head.index(second)
        head[one], head[two] = second, first

    return rows(name, apply)


def copy_below(folder: str) -> object:
    """The same export once more in a folder of its own."""

    def apply(call: Call) -> None:
        for name in FILES:
            call.write(f"{folder}/{name}.csv", call.text(name))

    return apply


def two_quarters_in_folders(call: Call) -> None:
    """Each quarter's export in a folder of its own, the parent given."""
    for name in FILES:
        content = call.text(name)
        call.path(name).unlink()
        call.write(f"Q2/{name}.csv", content.replace("2025-09", "2025-06"))
        call.write(f"Q3/{name}.csv", content)


def of_another_authority(call: Call) -> None:
    """Every code and reference of Barking and Dagenham."""
    for name in FILES:
        call.write(name, call.text(name).replace(AUTHORITY, "E09000002"))


def one_case_of_another_authority(call: Call) -> None:
    """One case of a neighbour between ours."""
    call.change("main", lambda t: t.replace(f"{AUTHORITY},{TWO}", f"E09000002,{TWO}"))


def many_unknown_columns(call: Call) -> None:
    """Five hundred columns nobody knows."""

    def add(parsed: Rows) -> None:
        parsed[0] += [f"column {number}" for number in range(500)]
        for line in parsed[1:]:
            line += ["x"] * 500

    rows("relief", add)(call)


def headings_of_no_letters(parsed: Rows) -> None:
    """Columns are numbered instead of named."""
    parsed[0] = [str(number) for number in range(len(parsed[0]))]


TOTAL = ["Total", *["3"] * (len(rows_of("main")[0]) - 1)]

ENTRIES = (
    *(Entry(f"rows-no-{name}", gone(name), 1, ("X-01", name)) for name in FILES if name not in ("main",)),
    Entry("rows-no-main", gone("main"), 1, ("X-01", "main")),
    Entry("rows-main-has-headings-only", edit("main", lambda t: t.splitlines()[0] + "\n"), 1, ("H-107",)),
    Entry("rows-people-has-headings-only", edit("people", lambda t: t.splitlines()[0] + "\n"), 1, ("L-25",)),
    Entry(
        "rows-only-headings-everywhere",
        lambda call: [call.write(n, call.text(n).splitlines()[0] + "\n") for n in FILES] and None,
        1,
        ("no ",),
        both=True,
    ),
    Entry("rows-no-headings", edit("relief", lambda t: t.split("\n", 1)[1]), 1, ("X-06", "relief.csv", "row 1")),
    Entry("rows-headings-twice", edit("relief", lambda t: t.splitlines()[0] + "\n" + t), 1, ("relief.csv", "row 2")),
    Entry(
        "rows-title-above-the-headings",
        edit("relief", lambda t: "Relief duties, printed 30/09/2025\n\n" + t),
        1,
        ("relief.csv",),
    ),
    Entry("rows-headings-are-numbers", rows("relief", headings_of_no_letters), 1, ("X-06", "relief.csv")),
    Entry(
        "rows-one-heading-twice",
        heading("relief", "referred_la", "relief_accom_la"),
        1,
        ("X-07", "relief.csv", "relief_accom_la"),
    ),
    Entry("rows-key-heading-twice", heading("people", "nino", "case_ref"), 1, ("X-07", "people.csv", "case_ref")),
    Entry("rows-blank-heading", heading("relief", "referred_la", ""), 1, ("relief.csv", "referred_la")),
    Entry(
        "rows-misspelt-heading",
        heading("relief", "relief_start", "relief_strat"),
        1,
        ("X-09", "relief.csv", "relief_start"),
    ),
    Entry("rows-headings-in-capitals", edit("relief", lambda t: t.replace("relief_start", "RELIEF_START")), 0),
    Entry("rows-no-case-ref-column", without_column("relief", "case_ref"), 1, ("relief.csv", "case_ref")),
    Entry("rows-no-case-ref-column-of-main", without_column("main", "case_ref"), 1, ("main.csv", "case_ref")),
    Entry("rows-no-assess-date-column", without_column("main", "assess_date"), 1, ("X-09", "main.csv", "assess_date")),
    Entry("rows-no-relief-end-column", without_column("relief", "relief_end"), 1, ("X-09", "relief.csv", "relief_end")),
    Entry(
        "rows-no-entry-date-column",
        without_column("temporary_accommodation", "entry_date"),
        1,
        ("X-09", "temporary_accommodation.csv", "entry_date"),
    ),
    Entry("rows-no-la-code-column", without_column("main", "la_code"), 0),
    Entry("rows-unknown-column", with_column("relief", "printed_by", "x"), 0, ("X-08", "relief.csv", "column 9")),
    Entry("rows-five-hundred-unknown-columns", many_unknown_columns, 0, ("X-08", "relief.csv")),
    Entry(
        "rows-heading-of-a-million-letters",
        heading("relief", "referred_la", "x" * 1_000_000),
        1,
        ("X-03", "relief.csv", "heading of column 8"),
    ),
    Entry("rows-swapped-headings", swapped_headings("relief", "relief_start", "relief_outcome"), 1, ("relief.csv",)),
    Entry("rows-swapped-date-headings", swapped_headings("relief", "relief_start", "relief_end"), 1, ("relief",)),
    Entry("rows-same-row-twice", double("relief"), 1, ("X-25", "relief.csv", "row 4", "row 2")),
    Entry("rows-same-case-twice", double("main"), 1, ("X-25", "main.csv", "row 5", "row 2")),
    Entry("rows-same-person-twice", double("people"), 1, ("X-25", "people.csv", "row 7", "row 2")),
    Entry("rows-same-need-twice", double("support_needs"), 1, ("X-25", "support_needs.csv", "row 5", "row 2")),
    Entry("rows-same-review-twice", double("reviews"), 1, ("X-25", "reviews.csv", "row 3", "row 2")),
    Entry("rows-same-placement-twice", double("temporary_accommodation"), 1, ("X-25", "temporary_accommodation.csv")),
    Entry(
        "rows-whole-file-twice", edit("relief", lambda t: t + t.split("\n", 1)[1]), 1, ("X-25", "relief.csv", "row 4")
    ),
    Entry("rows-whole-file-twice-with-headings", edit("relief", lambda t: t + t), 1, ("relief.csv", "row 4")),
    Entry(
        "rows-a-thousand-duplicates",
        double("relief", times=1000),
        1,
        ("X-25", "relief.csv", "row 2", "rows 4-1003"),
    ),
    Entry(
        "rows-footer",
        edit("relief", lambda t: t + "2 rows printed 30/09/2025\n"),
        1,
        ("relief.csv", "row 4"),
    ),
    Entry("rows-footer-in-every-cell", row("relief", *["End of report"] * 8), 1, ("relief.csv", "row 4")),
    Entry("rows-footer-with-delimiters", edit("relief", lambda t: t + "Rows: 2,,,,,,,\n"), 1, ("relief.csv", "row 4")),
    Entry("rows-total", row("main", *TOTAL), 1, ("main.csv", "row 5")),
    Entry(
        "rows-total-of-the-local-numbers",
        row("temporary_accommodation", "Total", "2", *[""] * 6),
        1,
        ("temporary_accommodation.csv", "row 4"),
    ),
    Entry(
        "rows-dashes-under-the-headings",
        rows("relief", lambda p: p.insert(1, ["-" * 8] * len(p[0]))),
        1,
        ("relief.csv", "row 2"),
    ),
    Entry(
        "rows-of-dashes-under-the-headings-fewer",
        edit("relief", lambda t: t.replace("\n", "\n--------\n", 1)),
        1,
        ("X-70", "relief.csv", "row 2"),
    ),
    Entry(
        "rows-a-cell-too-many",
        edit("relief", lambda t: t.replace("elapsed_56,,,,", "elapsed_56,,,,,x")),
        1,
        ("X-20", "relief.csv", "row 3", "9 cells"),
    ),
    Entry(
        "rows-a-cell-too-few",
        edit("relief", lambda t: t.replace(",elapsed_56", "")),
        1,
        ("X-20", "relief.csv", "row 3", "7 cells"),
    ),
    Entry("rows-comma-in-a-name", cell("people", 2, "surname", "Smith, Jr"), 0),
    Entry(
        "rows-bare-comma-in-a-name",
        edit("people", lambda t: t.replace("Quillfeather", "Quill,feather", 1)),
        1,
        ("X-20", "people.csv", "row 2"),
    ),
    Entry(
        "rows-shifted-right",
        shifted("temporary_accommodation", 2, 2),
        1,
        ("X-24", "temporary_accommodation.csv", "row 2"),
    ),
    Entry(
        "rows-shifted-left", shifted_left("temporary_accommodation", 2, 1), 1, ("temporary_accommodation.csv", "row 2")
    ),
    Entry("rows-shifted-people", shifted("people", 2, 2), 1, ("people.csv", "row 2"), both=True),
    Entry("rows-shifted-main", shifted("main", 2, 2), 1, ("main.csv", "row 2")),
    Entry(
        "rows-files-swapped",
        swapped_files("prevention", "relief"),
        3,
        ("prevention.csv has the columns of relief", "swapped"),
    ),
    Entry(
        "rows-people-and-main-swapped",
        swapped_files("people", "main"),
        3,
        ("people.csv has the columns of main", "swapped"),
    ),
    Entry(
        "rows-one-file-under-two-names",
        lambda call: call.write("prevention", call.text("relief")) and None,
        3,
        ("prevention.csv has the columns of relief",),
    ),
    Entry(
        "rows-two-exports-side-by-side",
        copy_below("last week"),
        3,
        ("main.csv", "last week/main.csv"),
    ),
    Entry("rows-two-quarters-side-by-side", two_quarters_in_folders, 3, ("Q2/main.csv", "Q3/main.csv")),
    Entry(
        "rows-a-copy-beside",
        lambda call: call.write("relief (1).csv", call.text("relief")) and None,
        0,
        ("X-02", "relief (1).csv"),
    ),
    Entry(
        "rows-another-file-beside",
        lambda call: call.write("costs.csv", "a,b\n1,2\n") and None,
        0,
        ("X-02", "costs.csv"),
    ),
    Entry("rows-file-renamed", renamed("relief", "relief_export.csv"), 1, ("X-01", "relief")),
    Entry("rows-file-in-capitals", renamed("relief", "RELIEF.CSV"), 0),
    Entry("rows-file-named-txt", renamed("relief", "relief.txt"), 0),
    Entry("rows-file-named-bak", renamed("relief", "relief.csv.bak"), 1, ("X-01", "relief")),
    Entry(
        "rows-csv-and-txt-of-one-section",
        lambda call: call.write("relief.txt", call.text("relief")) and None,
        3,
        ("relief.csv", "relief.txt"),
    ),
    Entry(
        "rows-of-another-quarter",
        lambda call: (
            [call.write(n, call.text(n).replace("2025-09", "2025-04").replace("2025-07", "2025-04")) for n in FILES]
            and None
        ),
        1,
        ("E-0",),
    ),
    Entry("rows-stale", option("as-at", "2025-12-31"), 1, ("E-0", "24 September 2025"), both=True),
    Entry("rows-of-another-authority", of_another_authority, 1, ("E09000002",)),
    Entry("rows-one-case-of-another-authority", one_case_of_another_authority, 1, ("H-21", TWO)),
    Entry("rows-orphan-people", without_row("main", 2), 1, ("people", ONE), both=True),
    Entry("rows-people-of-a-case-gone", rows("people", lambda p: [p.pop() for _ in range(2)]), 1, ("L-25", THREE)),
    Entry("rows-prevention-duty-gone", without_row("prevention", 2), 1, ("prevention", TWO)),
    Entry("rows-relief-duty-gone", without_row("relief", 2), 1, (ONE,)),
    Entry("rows-two-applicants", cell("people", 3, "relationship", "main_applicant"), 1, ("L-25a", ONE)),
    Entry("rows-nobody-applies", cell("people", 2, "relationship", "partner"), 1, ("people", ONE)),
    Entry("rows-export-is-one-csv-of-nine", several(*[gone(n) for n in FILES if n != "main"]), 1, ("X-01", "people")),
    Entry("rows-empty-folder", several(*[gone(n) for n in FILES]), 3, ("no CSV",)),
    Entry("rows-only-a-readme", several(*[gone(n) for n in FILES], text("README.md", "read me")), 3, ("no CSV",)),
    Entry(
        "rows-none-of-the-names",
        several(*[renamed(n, f"report{i}.csv") for i, n in enumerate(FILES)]),
        3,
        ("No file of the export has a name",),
    ),
    Entry(
        "rows-people-wide",
        text("people", csv_text([["case_ref", "name 1", "name 2"], [ONE, "x", "y"]])),
        1,
        ("people.csv", "relationship"),
    ),
    Entry("rows-person-number-twice", cell("people", 3, "person_no", "1"), 1, ("X-25", "people.csv", "row 3")),
    Entry(
        "rows-person-without-number",
        cell("people", 3, "person_no", ""),
        1,
        ("X-29", "people.csv", "row 3", "person_no"),
    ),
    Entry(
        "rows-placement-number-is-text",
        cell("temporary_accommodation", 2, "placement_no", "first"),
        1,
        ("X-32", "temporary_accommodation.csv", "row 2", "placement_no"),
    ),
)
