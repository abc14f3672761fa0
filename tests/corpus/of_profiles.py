"""Source profiles with faults, and profiles that do not fit the export."""

from __future__ import annotations

from tests.corpus.base import FILES, Call
from tests.corpus.edits import option, profile, several, text
from tests.corpus.entry import Entry

# The native layout, written out so that one thing of it can be changed.
NATIVE = "".join(f'[[table]]\nfile = "{name}"\n[table.{name}]\nall_columns = true\n\n' for name in FILES)
RELIEF = '[[table]]\nfile = "relief"\n[table.relief]\nall_columns = true\n'


def changed(old: str, new: str) -> object:
    """The native layout with one piece written anew."""
    assert old in NATIVE
    return profile(NATIVE.replace(old, new, 1))


def relief(more: str) -> object:
    """The native layout with more about relief."""
    return changed(RELIEF, RELIEF + more)


def in_utf16(call: Call) -> None:
    """The profile as another editor saved it."""
    path = call.folder / "own.toml"
    path.write_bytes(NATIVE.encode("utf-16"))
    call.options["source"] = str(path)


def a_folder(call: Call) -> None:
    """A folder where the profile should be."""
    call.options["source"] = str(call.folder)


def refused(name: str, fault: object, *words: str, pending: str | None = None) -> Entry:
    """A profile that cannot be used."""
    return Entry(f"profiles-{name}", fault, 2, words, pending=pending)  # type: ignore[arg-type]


ENTRIES = (
    Entry("profiles-own-that-fits", profile(NATIVE), 0),
    refused("no-such-name", option("source", "jigsaw"), "no source profile"),
    refused("no-such-path", option("source", "{folder}/none.toml"), "no source profile"),
    refused("a-folder", a_folder, "source profile"),
    refused("empty-name", option("source", "."), "source profile"),
    refused("in-utf-16", in_utf16, "UTF-8"),
    refused("empty", profile(""), "no [[table]]"),
    refused("no-toml", profile("file: main\n"), "not valid TOML", "line 1"),
    refused("unclosed-quote", profile('name = "x\n'), "not valid TOML"),
    refused("key-twice", profile('name = "x"\nname = "y"\n'), "not valid TOML"),
    refused("unknown-key", profile('nmae = "x"\n' + NATIVE), "nmae", "name"),
    refused("unknown-option", profile("[options]\ndate = ['uk']\n" + NATIVE), "date"),
    refused("unknown-section", changed("[table.relief]", "[table.releif]"), "releif", "relief"),
    refused("unknown-column", relief('relief_strat = "Start"\n'), "relief_strat", "relief_start"),
    refused("unknown-date-form", profile('[options]\ndates = ["english"]\n' + NATIVE), "english"),
    refused("two-date-forms-that-exclude-each-other", profile('[options]\ndates = ["uk", "us"]\n' + NATIVE), "us"),
    refused("dates-are-a-number", profile("[options]\ndates = 3\n" + NATIVE), "options.dates"),
    refused("bad-pattern", profile("[options]\ncase_ref_pattern = '['\n" + NATIVE), "case_ref_pattern"),
    refused("unknown-code-list", profile("[codes.reasons]\nx = 'other'\n" + NATIVE), "reasons"),
    refused("unknown-code", profile("[codes.reasonloss]\n'Row' = 'quarrel'\n" + NATIVE), "quarrel"),
    refused(
        "codes-of-a-field-without-a-list",
        relief("relief_start = { column = 'relief_start', codes = { a = 'b' } }\n"),
        "relief_start",
        "code list",
    ),
    refused("table-without-file", profile("[[table]]\n[table.main]\nall_columns = true\n"), "file, sheet"),
    refused("table-without-section", profile('[[table]]\nfile = "main"\n'), "feeds no section"),
    refused("same-table-twice", profile(NATIVE + RELIEF), "two [[table]]"),
    refused("no-people", profile("[[table]]\nfile = 'main'\n[table.main]\nall_columns = true\n"), "people"),
    refused("header-row-zero", changed('file = "relief"\n', 'file = "relief"\nheader_row = 0\n'), "header_row"),
    refused("header-row-in-words", changed('file = "relief"\n', 'file = "relief"\nheader_row = "one"\n'), "header_row"),
    refused("delimiter-of-two", changed('file = "relief"\n', 'file = "relief"\ndelimiter = "::"\n'), "delimiter"),
    refused("file-is-a-number", changed('file = "relief"', "file = 7"), "file"),
    refused("file-is-a-list", changed('file = "relief"', 'file = ["a", "b"]'), "file"),
    refused("when-of-a-number", relief("when = 3\n"), "when"),
    refused("repeat-without-n", relief("repeat = 2\n"), "{n}"),
    refused("repeat-negative", relief("repeat = -1\n"), "repeat"),
    refused("split-rows-of-no-column", relief("split_rows = { column = 'needs', by = ';' }\n"), "split_rows"),
    refused(
        "no-case-ref",
        changed("[table.relief]\nall_columns = true", "[table.relief]\nrelief_start = 'relief_start'"),
        "case_ref",
    ),
    refused(
        "column-and-constant", relief("relief_accom = { column = 'a', constant = 'b' }\n"), "relief_accom", "one of"
    ),
    refused("part-zero", relief("relief_accom = { column = 'a', split = '-', part = 0 }\n"), "part"),
    refused("column-is-a-number", relief("relief_accom = 5\n"), "relief_accom"),
    Entry(
        "profiles-when-value-that-meets-nothing",
        relief("when = { relief_outcome = ['Elapsed'] }\n"),
        1,
        ("relief", "Elapsed"),
    ),
    Entry(
        "profiles-when-heading-that-is-not-there",
        relief("when = { outcome = ['elapsed_56'] }\n"),
        1,
        ("relief.csv", "outcome"),
    ),
    Entry(
        "profiles-code-that-meets-nothing",
        profile("[codes.reasonloss]\n'Family row' = 'family_friends'\n" + NATIVE),
        0,
        ("Family row",),
    ),
    Entry("profiles-column-that-is-not-there", relief('relief_accom = "Where to"\n'), 1, ("X-09", "Where to")),
    Entry("profiles-file-that-is-not-there", changed('file = "relief"', 'file = "releif"'), 1, ("X-01", "releif")),
    Entry(
        "profiles-pattern-of-files-that-meets-nothing",
        changed('file = "relief"', 'file = "duty*"'),
        1,
        ("X-01", "duty*"),
    ),
    Entry(
        "profiles-optional-file-that-is-not-there",
        changed('file = "relief"\n', 'file = "releif"\noptional = true\n'),
        1,
        ("relief",),
    ),
    Entry(
        "profiles-ignore-that-meets-nothing",
        changed('file = "relief"\n', 'file = "relief"\nignore = ["Printed"]\n'),
        0,
    ),
    Entry(
        "profiles-pattern-of-references-that-fits-none",
        profile("[options]\ncase_ref_pattern = '^HX\\d{6}$'\n" + NATIVE),
        1,
        ("X-23", "main.csv", "case_ref_pattern"),
    ),
    Entry(
        "profiles-header-row-too-far",
        changed('file = "relief"\n', 'file = "relief"\nheader_row = 9\n'),
        1,
        ("relief.csv",),
    ),
    Entry(
        "profiles-wrong-delimiter",
        changed('file = "relief"\n', 'file = "relief"\ndelimiter = ";"\n'),
        1,
        ("X-06", "relief.csv"),
    ),
    Entry(
        "profiles-us-dates-read-as-such",
        # yyyy-mm-dd means one day only, whatever the profile takes other dates for.
        profile('[options]\ndates = ["us"]\n' + NATIVE),
        0,
    ),
    Entry("profiles-jigsaw-for-native", option("source", "jigsaw-style"), 1, ("X-01", "cases")),
    Entry("profiles-civica-for-native", option("source", "civica-style"), 3, ("No file of the export",)),
    Entry("profiles-pattern-explosion", profile("[options]\ncase_ref_pattern = '^(E|E0|[0-9A-Z_]+)+$'\n" + NATIVE), 0),
    Entry("profiles-with-a-bom", several(profile("\ufeff" + NATIVE)), 0),
    Entry("profiles-beside-a-note", several(profile(NATIVE), text("notes.md", "x")), 0),
)
