"""Case references in the export's cells."""

from __future__ import annotations

from tests.corpus.base import FILES, ONE, THREE, TWO, Call
from tests.corpus.edits import cell, edit, several
from tests.corpus.entry import Entry


def every(old: str, new: str) -> object:
    """A reference in every file."""

    def apply(call: Call) -> None:
        for name in FILES:
            call.write(name, call.text(name).replace(old, new))

    return apply


def bad(name: str, value: str, rule: str) -> Entry:
    """One row of relief whose reference is written so: it is set aside."""
    return Entry(
        f"references-{name}",
        cell("relief", 2, "case_ref", value),
        1,
        (rule, "relief.csv", "row 2", "case_ref") if rule == "X-23" else (rule, "relief.csv", "row 2"),
    )


ENTRIES = (
    bad("blank", "", "X-22"),
    bad("dash", "-", "X-22"),
    bad("null", "NULL", "X-23"),
    bad("surname", "Quillfeather", "X-23"),
    bad("full-name", "Ottoline Quillfeather", "X-23"),
    bad("national-insurance", "QQ123456C", "X-23"),
    bad("date", "01/02/2025", "X-23"),
    bad("postcode", "IG11 7AA", "X-23"),
    bad("excel-error", "#REF!", "X-23"),
    bad("formula", "=A2", "X-23"),
    bad("sentence", "see note of 3 May", "X-23"),
    bad("forty-one-letters", "A1" * 21, "X-23"),
    bad("markup", "<1>", "X-23"),
    bad("exponent", "1.23457E+11", "X-23"),
    Entry("references-another-case", cell("relief", 2, "case_ref", ONE[:-1] + "9"), 1, ("relief", ONE)),
    Entry(
        "references-another-authority-in-one-file",
        cell("relief", 2, "case_ref", "E09000002_000000000001"),
        1,
        ("relief",),
    ),
    Entry("references-lower-case", every("E06000034_", "e06000034_"), 0, ("E06000034",)),
    Entry(
        "references-lower-case-in-one-file",
        edit("relief", lambda t: t.replace("E06000034_", "e06000034_")),
        0,
        ("relief",),
        both=True,
    ),
    Entry("references-short-number", every(ONE, "E06000034_1"), 0),
    Entry("references-local", every("E06000034_00000000000", "HX00000"), 0, both=True),
    Entry("references-local-digits", every("E06000034_00000000000", "10"), 0, both=True),
    Entry(
        "references-local-with-lost-zeros",
        several(every("E06000034_00000000000", "00010"), edit("relief", lambda t: t.replace("00010", "10"))),
        1,
        ("relief",),
    ),
    Entry(
        "references-local-in-another-case-of-letters",
        several(every("E06000034_00000000000", "HX00000"), edit("relief", lambda t: t.replace("HX", "hx"))),
        1,
        ("relief",),
    ),
    Entry("references-spaces-inside", every(ONE, "E06000034 000000000001"), 1, ("X-23", "main.csv", "row 2")),
    Entry("references-dash-for-underscore", every("E06000034_", "E06000034-"), 0),
    Entry("references-all-blank", several(every(ONE, ""), every(TWO, ""), every(THREE, "")), 1, ("main.csv",)),
)
