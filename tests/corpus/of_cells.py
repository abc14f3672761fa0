"""Cells: dates, years, codes, flags, numbers."""

from __future__ import annotations

from tests.corpus.base import ONE, THREE, TWO, Call
from tests.corpus.edits import Rows, cell, cells, everywhere, rows, several
from tests.corpus.entry import Entry


def date_entry(name: str, value: str, rule: str = "X-30", *, pending: str | None = None) -> Entry:
    """A day that a duty began on, written so."""
    return Entry(
        f"cells-date-{name}",
        cell("relief", 2, "relief_start", value),
        1,
        (rule, "relief.csv", "row 2", "relief_start") if rule.startswith("X") else (rule, ONE),
        both=name in ("year-0001", "year-9999"),
        pending=pending,
    )


def date_read(name: str, value: str) -> Entry:
    """A day in a form that is read."""
    return Entry(f"cells-date-{name}", cell("relief", 2, "relief_start", value), 0)


def code_entry(name: str, file: str, row: int, column: str, value: str) -> Entry:
    """A spelling that no list has."""
    return Entry(f"cells-code-{name}", cell(file, row, column, value), 1, ("X-35", f"{file}.csv", f"row {row}", column))


def many_unknown_codes(call: Call) -> None:
    """Five thousand rows, each with a spelling of its own."""

    def add(parsed: Rows) -> None:
        parsed += [[ONE, f"need {number}"] for number in range(5_000)]

    rows("support_needs", add)(call)


def one_unknown_code_often(call: Call) -> None:
    """Three hundred cells of one spelling."""
    rows("support_needs", lambda parsed: parsed.extend([ONE, "needs a lot"] for _ in range(300)))(call)


UNLIKELY = (
    ("birth-tomorrow", "people", 3, "date_of_birth", "2025-10-01", "people"),
    ("application-after-as-at", "main", 3, "application_date", "2025-10-05", TWO),
    ("assessed-after-as-at", "main", 3, "assess_date", "2025-10-05", TWO),
    ("assessed-before-application", "main", 3, "assess_date", "2025-09-01", TWO),
    ("relief-ends-before-it-begins", "relief", 3, "relief_end", "2025-06-01", THREE),
    ("placement-ends-before-it-begins", "temporary_accommodation", 2, "exit_date", "2025-09-01", ONE),
    ("review-before-the-decision-exists", "reviews", 2, "review_outcome_date", "2025-09-01", THREE),
    ("main-decision-after-as-at", "final_duties", 2, "main_decision_date", "2025-10-03", THREE),
)

ENTRIES = (
    date_entry("thirty-first-of-february", "2025-02-31"),
    date_entry("uk-thirty-first-of-february", "31/02/2025"),
    date_entry("us", "09/23/2025"),
    date_entry("two-digit-year", "03/09/25", "X-31"),
    date_entry("word", "sometime"),
    date_entry("tbc", "TBC", "M-relief-relief_start-required"),
    date_entry("month-only", "2025-09"),
    date_entry("year-only", "2025"),
    date_entry("range", "2025-09-03 - 2025-09-05"),
    date_entry("two-dates", "2025-09-03; 2025-09-05"),
    date_entry("negative", "-2025-09-03"),
    date_entry("week", "2025-W36-3"),
    date_entry("time-of-day-that-is-none", "2025-09-03 25:61"),
    date_entry("year-0000", "0000-12-31", "X-62"),
    date_entry("year-0000-uk", "31/12/0000"),
    date_entry("year-0001", "0001-01-01", ""),
    date_entry("year-1025", "1025-09-03", ""),
    date_entry("year-1899", "1899-12-31", ""),
    date_entry("year-2100", "2100-01-01", ""),
    date_entry("year-2205", "2205-09-03", ""),
    date_entry("year-9999", "9999-12-31", ""),
    date_entry("year-of-five-digits", "20255-09-03"),
    date_entry("excel-zero", "0", ""),
    date_entry("excel-1900", "1", "X-30"),
    date_entry("excel-error", "#VALUE!"),
    date_entry("excel-hashes", "########"),
    date_entry("formula", "=TODAY()"),
    date_entry("letter-o-for-nought", "2O25-09-03"),
    date_read("arabic-digits", "٢٠٢٥-٠٩-٠٣"),
    date_read("uk", "03/09/2025"),
    date_read("dots", "03.09.2025"),
    date_read("month-in-letters", "03-Sep-2025"),
    date_read("at-midnight", "2025-09-03 00:00:00"),
    date_read("iso-with-t", "2025-09-03T00:00:00"),
    Entry(
        "cells-date-with-time",
        cell("relief", 2, "relief_start", "2025-09-03 14:30"),
        0,
        ("X-36", "relief.csv", "relief_start"),
    ),
    Entry("cells-date-blank", cell("relief", 2, "relief_start", ""), 1, ("relief", ONE)),
    Entry("cells-date-null-word", cell("relief", 2, "relief_start", "NULL"), 1, ("relief", ONE)),
    Entry(
        "cells-every-date-two-digit-years",
        everywhere(lambda t: t.replace("2025-09-", "25-09-")),
        1,
        ("X-3", "main.csv", "application_date"),
    ),
    Entry(
        "cells-birth-year-0000",
        cell("people", 2, "date_of_birth", "0000-03-19"),
        1,
        ("people.csv", "row 2", "date_of_birth"),
    ),
    Entry("cells-birth-in-1825", cell("people", 2, "date_of_birth", "1825-03-19"), 1, ("X-62", "people.csv", "row 2")),
    Entry(
        "cells-birth-year-0001",
        cell("people", 2, "date_of_birth", "0001-03-19"),
        1,
        ("date_of_birth",),
        both=True,
    ),
    Entry("cells-local-date-year-0000", cell("main", 2, "officer", "0000-00-00"), 0),
    *(
        Entry(f"cells-{name}", cell(file, row, column, value), 1, (word,))
        for name, file, row, column, value, word in UNLIKELY
    ),
    code_entry("unknown", "main", 2, "lastaccom", "a tent"),
    code_entry("misspelt", "main", 2, "reasonloss", "family_freinds"),
    code_entry("of-another-list", "main", 2, "lastaccom", "relief"),
    code_entry("number", "main", 2, "eligibility", "3"),
    code_entry("sex", "people", 2, "sex", "F/M"),
    code_entry("nationality-in-words", "main", 2, "nationality", "Britain or so"),
    code_entry("authority", "temporary_accommodation", 2, "ta_la", "E06999999"),
    code_entry("authority-name", "temporary_accommodation", 2, "ta_la", "Nowhere Borough"),
    code_entry("two-in-one-cell", "main", 2, "reasonloss", "family_friends;prs_ast"),
    code_entry("one-of-several", "main", 2, "benefits", "uc;housing"),
    code_entry("formula", "main", 2, "referral", "=1+1"),
    code_entry("formula-error", "main", 2, "referral", "#N/A!"),
    code_entry("question-mark", "main", 2, "referral", "?"),
    Entry("cells-code-lower-case-authority", cell("temporary_accommodation", 2, "ta_la", "e06000034"), 0),
    Entry("cells-la-code-lower-case", cells("main", "la_code", "e06000034"), 0),
    Entry("cells-code-in-capitals", cell("main", 2, "lastaccom", "FAMILY"), 0),
    Entry(
        "cells-codes-all-unknown",
        cells("main", "reasonloss", "Family quarrel"),
        1,
        ("X-35", "main.csv", "reasonloss"),
    ),
    Entry(
        "cells-many-unknown-codes",
        many_unknown_codes,
        1,
        ("X-35", "support_needs.csv", "support_need"),
    ),
    Entry(
        "cells-one-unknown-code-often",
        one_unknown_code_often,
        1,
        ("X-35", "support_needs.csv", "support_need"),
    ),
    Entry(
        "cells-flag-unknown", cell("people", 3, "dependent", "perhaps"), 1, ("X-34", "people.csv", "row 3", "dependent")
    ),
    Entry("cells-flag-two", cell("people", 3, "dependent", "2"), 1, ("X-34", "people.csv", "row 3", "dependent")),
    Entry(
        "cells-flag-is-a-name",
        cell("people", 2, "pregnant", "Quillfeather"),
        1,
        ("X-34", "people.csv", "row 2", "pregnant"),
    ),
    Entry("cells-flag-of-a-review", cell("reviews", 2, "appeal", "pending"), 1, ("X-34", "reviews.csv", "row 2")),
    Entry("cells-age-in-words", cell("people", 2, "age", "thirty"), 1, ("X-32", "people.csv", "row 2", "age")),
    Entry("cells-age-with-a-half", cell("people", 2, "age", "30.5"), 1, ("X-32", "people.csv", "row 2", "age")),
    Entry(
        "cells-age-negative",
        several(cell("people", 3, "date_of_birth", ""), cell("people", 3, "age", "-3")),
        1,
        ("X-32", "people.csv", "row 3"),
        both=True,
    ),
    Entry(
        "cells-age-200", several(cell("people", 3, "date_of_birth", ""), cell("people", 3, "age", "200")), 0, ("H-32",)
    ),
    Entry(
        "cells-age-of-twenty-digits",
        several(cell("people", 3, "date_of_birth", ""), cell("people", 3, "age", "9" * 20)),
        1,
        ("people.csv", "row 3", "age"),
        both=True,
    ),
    Entry(
        "cells-person-number-negative",
        cell("people", 3, "person_no", "-2"),
        1,
        ("X-32", "people.csv", "row 3"),
        both=True,
    ),
    Entry("cells-person-number-zero", cell("people", 3, "person_no", "0"), 0),
    Entry(
        "cells-person-number-huge",
        cell("people", 3, "person_no", "9007199254740993"),
        1,
        ("people.csv", "person_no"),
    ),
    Entry(
        "cells-person-number-infinite",
        cell("people", 3, "person_no", "inf"),
        1,
        ("X-32", "people.csv", "row 3", "person_no"),
    ),
    Entry(
        "cells-placement-number-with-exponent",
        cell("temporary_accommodation", 2, "placement_no", "1e5"),
        1,
        ("X-32", "temporary_accommodation.csv", "row 2", "placement_no"),
    ),
    Entry(
        "cells-name-in-a-date",
        cell("relief", 2, "relief_start", "Quillfeather"),
        1,
        ("X-30", "relief.csv", "row 2", "relief_start"),
    ),
    Entry("cells-name-in-a-code", cell("main", 2, "lastaccom", "Quillfeather"), 1, ("X-35", "main.csv", "row 2")),
    Entry("cells-name-of-ten-thousand-letters", cell("people", 2, "surname", "x" * 10_000), 0),
    Entry("cells-name-is-a-formula", cell("people", 2, "surname", "=HYPERLINK(1)"), 0),
    Entry("cells-name-is-markup", cell("people", 2, "surname", "<b>&amp;</b>]]>"), 0, both=True),
    Entry("cells-assessed-without-a-date", cell("main", 2, "assess_date", ""), 1, (ONE,)),
    Entry("cells-ended-without-an-outcome", cell("relief", 3, "relief_outcome", ""), 0, ("H-70", THREE)),
    Entry("cells-outcome-without-an-end", cell("relief", 3, "relief_end", ""), 1, (THREE,)),
    Entry("cells-priority-need-missing", cell("final_duties", 2, "pneed", ""), 1, (THREE,)),
    Entry("cells-eligibility-missing", cell("main", 2, "eligibility", ""), 0, ("H-06", ONE)),
    Entry("cells-need-none-beside-another", rows("support_needs", lambda p: p.append([ONE, "none"])), 0, ("H-50", ONE)),
)
