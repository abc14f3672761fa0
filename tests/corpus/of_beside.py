"""Files beside the export: waivers, forced cases, reference and migration maps, published workbooks."""

from __future__ import annotations

from collections.abc import Iterable

from tests.corpus.base import ONE, THREE, TWO
from tests.corpus.edits import Fault, beside, cell, option, several
from tests.corpus.entry import Entry
from tests.corpus.of_bytes import OLE

WAIVERS = "rule_id,case_ref,record_key,owner,reason,expires"
FORCED = "case_ref,action,reason"
MIGRATIONS = "new_reference,old_reference"
REFERENCES = "local_ref,case_ref"
FOREIGN = "E09000002_000000000001"
OWNER = "team.lead,recorded late"

# One error on the first case, which a waiver of it lets pass.
ERROR = cell("relief", 2, "relief_start", "2025-08-01")
WAIVED = "L-01h,{case},,team.lead,recorded late,{expires}\nV-09b,{case},,team.lead,recorded late,{expires}"


def waivers(*rows: str, heading: str = WAIVERS) -> Fault:
    """A waiver file of these rows."""
    return beside("waivers", "\n".join([heading, *rows]) + "\n", "waivers.csv")


def waived(case: str, expires: str = "2026-03-31") -> Fault:
    """The error of the first case, waived."""
    return several(ERROR, waivers(WAIVED.format(case=case, expires=expires)))


def forced(*rows: str, heading: str = FORCED) -> Fault:
    """A file of forced cases of these rows."""
    return beside("forced-cases", "\n".join([heading, *rows]) + "\n", "forced.csv")


def migrations(*rows: str, heading: str = MIGRATIONS) -> Fault:
    """A migration map of these rows."""
    return beside("migration-map", "\n".join([heading, *rows]) + "\n", "moved.csv")


def references(*rows: str, heading: str = REFERENCES) -> Fault:
    """A reference map of these rows."""
    return beside("reference-map", "\n".join([heading, *rows]) + "\n", "map.csv")


def chain(length: int) -> Iterable[str]:
    """Every reference re-keyed to the next one."""
    return (f"HX{number + 1},HX{number}" for number in range(length))


def of_a_kind(option_name: str, file: str, what: str, status: int) -> tuple[Entry, ...]:
    """What is refused of every file beside the export alike."""

    def entry(name: str, fault: Fault, *words: str) -> Entry:
        return Entry(f"beside-{what.replace(' ', '-')}-{name}", fault, status, (what, *words), command="run")

    def given(content: str | bytes) -> Fault:
        return beside(option_name, content, file)

    return (
        entry("missing", option(option_name, "{folder}/none.csv"), "none.csv", "no such file"),
        entry("a-folder", option(option_name, "{folder}"), "folder"),
        entry("empty", given(b""), file, "empty"),
        entry("only-line-ends", given("\n\n\n"), file, "empty"),
        entry("nul", given(b"\0\0\0"), file, "control character"),
        entry("a-workbook", given(b"PK\x03\x04rest"), file, "workbook or zip", "CSV UTF-8"),
        entry("an-old-workbook", given(OLE), file, "workbook", "CSV UTF-8"),
        entry("windows-1252", given("caf\u00e9".encode("cp1252")), file, "UTF-8"),
        entry("other-columns", given("a,b\n1,2\n"), file, "has no column"),
        entry("a-letter", given("Dear all,\nplease find attached\n"), file, "has no column"),
    )


def check(name: str, fault: Fault, status: int, *words: str) -> Entry:
    """An entry of the waiver file, which check takes too."""
    return Entry(f"beside-waivers-{name}", fault, status, words)


def run(name: str, fault: Fault, status: int, *words: str, pending: str | None = None) -> Entry:
    """An entry of a file that only a run takes."""
    return Entry(f"beside-{name}", fault, status, words, command="run", pending=pending)


def alike(name: str, fault: Fault) -> Entry:
    """The first case has an error and is forced out, written so: the return is free of it."""
    return Entry(f"beside-forced-{name}", several(ERROR, fault), 0, ("not in this return",))


ENTRIES = (
    *of_a_kind("waivers", "waivers.csv", "waiver file", 2),
    *of_a_kind("forced-cases", "forced.csv", "file of forced cases", 3),
    *of_a_kind("migration-map", "moved.csv", "migration map", 3),
    *of_a_kind("reference-map", "map.csv", "reference map", 3),
    # Waivers
    check("that-cover", waived(ONE), 0, "Waived"),
    check("of-a-case-in-small-letters", waived(ONE.lower()), 0, "Waived"),
    check("until-a-uk-date", waived(ONE, "31/03/2026"), 0, "Waived"),
    check("until-a-day-in-letters", waived(ONE, "31-Mar-2026"), 0, "Waived"),
    check("of-another-case", waived(TWO), 1, "W-unused", "waivers.csv", "row 2"),
    check("until-yesterday", waived(ONE, "2025-09-29"), 1, "W-expired", "waivers.csv", "row 2"),
    check("until-the-day-itself", waived(ONE, "2025-09-30"), 0, "Waived"),
    check("expired-long-ago", waived(ONE, "1999-12-31"), 1, "W-expired", "row 3"),
    check("of-an-unknown-rule", waivers(f"L-99,,,{OWNER},2026-03-31"), 0, "W-unused", "row 2", "no rule of ours"),
    check(
        "of-a-rule-in-small-letters",
        several(ERROR, waivers(WAIVED.format(case=ONE, expires="2026-03-31").lower())),
        0,
        "Waived",
    ),
    check("of-a-rule-not-run", waivers(f"R-not-run,,,{OWNER},2026-03-31"), 2, "row 2", "not run"),
    check(
        "repeated",
        several(ERROR, waivers(*[WAIVED.format(case=ONE, expires="2026-03-31")] * 2)),
        0,
        "W-repeated",
        "row 4",
        "row 2",
    ),
    check("without-owner", waivers("L-07,,,,late,2026-03-31"), 2, "waivers.csv, row 2", "no owner"),
    check("without-reason", waivers("L-07,,,team.lead,,2026-03-31"), 2, "row 2", "no reason"),
    check("without-expiry", waivers(f"L-07,,,{OWNER},"), 2, "row 2", "no expires"),
    check("without-rule", waivers(f",{ONE},,{OWNER},2026-03-31"), 2, "row 2", "no rule_id"),
    check("short-row", waivers("L-07"), 2, "row 2", "no owner"),
    check("long-row", waivers(f"L-07,,,{OWNER},2026-03-31,x"), 2, "row 2", "more cells"),
    check("expires-in-words", waivers(f"L-07,,,{OWNER},end of March"), 2, "row 2, column expires"),
    check("expires-31-february", waivers(f"L-07,,,{OWNER},31/02/2026"), 2, "row 2, column expires"),
    check("expires-two-digit-year", waivers(f"L-07,,,{OWNER},31/03/26"), 2, "row 2, column expires"),
    check("expires-us-date", waivers(f"L-07,,,{OWNER},03/31/2026"), 2, "row 2, column expires"),
    check("expires-year-0000", waivers(f"L-07,,,{OWNER},0000-12-31"), 2, "row 2, column expires"),
    check("blank-rows", waivers(",,,,,", "", ",,,,,"), 0),
    check("headings-only", waivers(), 0),
    check("heading-twice", waivers(heading=WAIVERS + ",owner"), 2, "waivers.csv", "owner twice"),
    check("without-a-column", waivers(heading="rule_id,case_ref,owner"), 2, "waivers.csv", "record_key", "expires"),
    check("open-quote", waivers(f'L-07,,,"{OWNER},2026-03-31', "L-08,,,a,b,2026-03-31"), 2, "row 2", "quotation mark"),
    check(
        "semicolons",
        several(
            ERROR,
            waivers(WAIVED.format(case=ONE, expires="31/03/2026").replace(",", ";"), heading=WAIVERS.replace(",", ";")),
        ),
        0,
        "Waived",
    ),
    check(
        "utf-16",
        several(
            ERROR,
            beside(
                "waivers",
                (WAIVERS + "\n" + WAIVED.format(case=ONE, expires="2026-03-31")).encode("utf-16"),
                "waivers.csv",
            ),
        ),
        0,
        "Waived",
    ),
    check(
        "bom-and-capitals",
        several(
            ERROR,
            beside(
                "waivers",
                ("\ufeff" + WAIVERS.upper().replace("_", " ") + "\r\n" + WAIVED.format(case=ONE, expires="2026-03-31")),
                "waivers.csv",
            ),
        ),
        0,
        "Waived",
    ),
    check(
        "a-cell-of-a-megabyte",
        waivers(f"L-07,,,team.lead,{'x' * 1_000_000},2026-03-31"),
        2,
        "row 2, column reason",
        "longer",
    ),
    check("given-twice-as-forced", several(forced(f"{ONE},exclude,late")), 0),
    # Forced cases
    run(
        "forced-include-and-exclude",
        forced(f"{ONE},include,late", f"{TWO},exclude,x", f"{ONE},exclude,late"),
        3,
        "forced.csv, rows 2 and 4",
        "both included and excluded",
    ),
    run(
        "forced-both-in-two-spellings",
        forced(f"{ONE},include,late", f"{ONE.lower()},exclude,late"),
        3,
        "forced.csv, rows 2 and 3",
        "both included and excluded",
    ),
    alike("twice-alike", forced(f"{ONE},exclude,late", f"{ONE},exclude,late")),
    alike("in-capitals", forced(f"{ONE},EXCLUDE,late")),
    alike("in-small-letters-of-the-reference", forced(f"{ONE.lower()},Exclude,late")),
    run("forced-unknown-case", forced("E06000034_000000999999,include,late"), 0, "forced.csv, row 2, column case_ref"),
    Entry(
        "beside-forced-case-of-another-authority",
        forced(f"{FOREIGN},include,late"),
        0,
        ("REF-08", "forced.csv, row 2, column case_ref"),
    ),
    run("forced-other-action", forced(f"{ONE},remove,late"), 3, "forced.csv, row 2, column action"),
    run("forced-without-action", forced(f"{ONE},,late"), 3, "row 2", "no action"),
    run("forced-without-reason", forced(f"{ONE},include,"), 3, "row 2", "no reason"),
    run("forced-without-case", forced(",include,late"), 3, "row 2", "no case_ref"),
    run("forced-short-row", forced(ONE), 3, "row 2", "no action"),
    alike("blank-rows", forced(",,", "", f"{ONE},exclude,late", ",,")),
    run("forced-all-out", forced(*(f"{ref},exclude,late" for ref in (ONE, TWO, THREE))), 0, "0 of 3 cases"),
    # Migration maps
    run("migrations-half-blank", migrations("HX1,"), 3, "moved.csv, row 2", "no old_reference"),
    run("migrations-other-half-blank", migrations(",HX1"), 3, "moved.csv, row 2", "no new_reference"),
    run("migrations-blank-rows", migrations(",", "", " , "), 0),
    run("migrations-short-row", migrations("HX1"), 3, "moved.csv, row 2", "no old_reference"),
    run("migrations-long-row", migrations("HX1,HX2,HX3"), 3, "moved.csv, row 2", "more cells"),
    run("migrations-nonsense", migrations(f"{ONE},n/a"), 3, "moved.csv, row 2, column old_reference"),
    run(
        "migrations-another-authority",
        migrations(f"{ONE},{FOREIGN}"),
        3,
        "row 2, column old_reference",
        "another authority",
    ),
    run(
        "migrations-to-another-authority",
        migrations(f"{FOREIGN},{ONE}"),
        3,
        "row 2, column new_reference",
        "another authority",
    ),
    run("migrations-unknown-authority", migrations(f"{ONE},E06999999_000000000001"), 3, "row 2, column old_reference"),
    run("migrations-circle", migrations("HX1,HX2", "HX2,HX1"), 2, "moved.csv", "circle", "rows 2 and 3"),
    run("migrations-to-itself", migrations(f"{ONE},{ONE}"), 2, "moved.csv", "circle", "row 2"),
    run("migrations-twice", migrations("HX1,HX2", "HX1,HX3"), 3, "moved.csv, row 3", "row 2"),
    run("migrations-that-meet-nothing", migrations("HX1,HX2"), 0, "1 warnings"),
    run("migrations-long-chain", migrations(*chain(20_000)), 0, "1 warnings"),
    run("migrations-to-a-case-that-is-there", migrations(f"{ONE},{TWO}"), 1, "error"),
    # Reference maps
    run("references-blank", references("HX1,"), 3, "map.csv, row 2", "no case_ref"),
    run("references-short-row", references("HX1"), 3, "map.csv, row 2", "no case_ref"),
    run("references-nonsense", references("HX1,HX2"), 3, "map.csv, row 2, column case_ref"),
    run(
        "references-another-authority",
        references(f"HX1,{FOREIGN}"),
        3,
        "map.csv, row 2, column case_ref",
        "another authority",
    ),
    run("references-crossed", references(f"{ONE},{TWO}", f"{TWO},{ONE}"), 3, "map.csv, rows 2 and 3", "cross"),
    run("references-local-twice", references(f"HX1,{ONE}", f"HX1,{TWO}"), 3, "map.csv, row 3", "row 2"),
    run("references-case-twice", references(f"HX1,{ONE}", f"HX2,{ONE}"), 3, "map.csv, row 3", "row 2"),
    run("references-blank-rows", references(",", "", f"HX1,{ONE}"), 0),
    run("references-semicolons", references(f"HX1;{ONE}", heading=REFERENCES.replace(",", ";")), 0),
    # Published workbooks
    run("published-a-csv", beside("published", "a,b\n1,2\n", "published.csv"), 3, "published"),
    run("published-empty", beside("published", "", "published.ods"), 3, "published"),
    run("published-noise", beside("published", bytes(range(256)), "published.xlsx"), 3, "published"),
    run("published-a-finance-file", beside("published", "period,amount\n2025-09,100\n", "ro4.csv"), 3, "ro4.csv"),
    run("published-missing", option("published", "{folder}/none.ods"), 3, "none.ods"),
)
