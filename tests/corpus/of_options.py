"""Options, warehouses, return profiles and the places outputs go to."""

from __future__ import annotations

from tests.corpus.base import Call
from tests.corpus.edits import beside, option, several
from tests.corpus.entry import Entry


def refused(
    name: str, fault: object, *words: str, status: int = 2, command: str = "check", pending: str | None = None
) -> Entry:
    """A call that is wrong."""
    return Entry(f"options-{name}", fault, status, words, command=command, pending=pending)  # type: ignore[arg-type]


def warehouse(content: bytes | str, name: str = "warehouse.duckdb") -> object:
    """A file where the warehouse should be."""
    return beside("warehouse", content, name)


def warehouse_of_another_layout(call: Call) -> None:
    """A DuckDB file that something newer wrote."""
    import duckdb

    path = call.folder / "newer.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table warehouse_layout (version integer, applied_by varchar)")
        con.execute("insert into warehouse_layout values (999, 'later')")
    call.options["warehouse"] = str(path)


def foreign_database(call: Call) -> None:
    """A DuckDB file of another program."""
    import duckdb

    path = call.folder / "other.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table invoices (id integer)")
    call.options["warehouse"] = str(path)


def out_is_a_file(call: Call) -> None:
    """A file where the folder of outputs should be."""
    (call.folder / "out").write_text("x")


def below_out_is_a_file(call: Call) -> None:
    """A file where the authority's folder should be."""
    (call.folder / "out").mkdir()
    (call.folder / "out" / "E06000034").write_text("x")


def quarter_is_a_file(call: Call) -> None:
    """A file where the quarter's folder should be."""
    (call.folder / "out" / "E06000034").mkdir(parents=True)
    (call.folder / "out" / "E06000034" / "2025-Q3").write_text("x")


def out_below_a_file(call: Call) -> None:
    """The path of the outputs leads through a file."""
    (call.folder / "notes.txt").write_text("x")
    call.options["out"] = str(call.folder / "notes.txt" / "out")


def out_of_control_characters(call: Call) -> None:
    """A path that no file system takes."""
    call.options["out"] = str(call.folder / ("x" * 300))


def unreadable_export(call: Call) -> None:
    """A link that leads nowhere, where a file should be."""
    call.path("relief").unlink()
    call.path("relief").symlink_to(call.folder / "nowhere")


def pack(content: dict[str, str]) -> object:
    """A folder that is given as an official pack."""

    def apply(call: Call) -> None:
        folder = call.folder / "pack"
        folder.mkdir()
        for name, text in content.items():
            (folder / name).write_text(text, encoding="utf-8")
        call.options["return-profile"] = str(folder)

    return apply


PROFILE = 'name = "ours"\n[case]\nschema = "case.xsd"\npath = "a/b"\n[[case.group]]\n'

ENTRIES = (
    refused("quarter-nonsense", option("quarter", "newest"), "quarter is not understood", "2025-Q4"),
    refused("quarter-five", option("quarter", "2025-Q5"), "quarter is not understood"),
    refused("quarter-zero", option("quarter", "2025-Q0"), "quarter is not understood"),
    refused("quarter-of-the-financial-year", option("quarter", "2025/26 Q2"), "quarter is not understood"),
    refused("quarter-words", option("quarter", "Jul-Sep 2025"), "quarter is not understood"),
    refused("quarter-year-only", option("quarter", "2025"), "quarter is not understood"),
    refused("quarter-empty", option("quarter", ""), "quarter is not understood"),
    refused("quarter-0000", option("quarter", "0000-Q1"), "quarter is not understood"),
    refused("quarter-0001", option("quarter", "0001-Q1"), "quarter is not understood"),
    refused("quarter-9999", option("quarter", "9999-Q4"), "2"),
    refused("quarter-before-the-act", option("quarter", "2018-Q1"), "2018-Q2"),
    refused("quarter-in-the-future", option("quarter", "2099-Q1"), "has not begun"),
    refused("quarter-of-wide-digits", option("quarter", "２０２５-Q3"), "quarter is not understood"),
    Entry("options-quarter-in-small-letters", option("quarter", "2025-q3"), 0),
    Entry("options-quarter-without-dash", option("quarter", "2025Q3"), 0),
    Entry("options-quarter-before-the-export", option("quarter", "2025-Q2"), 1, ("E-0",)),
    Entry("options-quarter-long-before", option("quarter", "2018-Q2"), 1, ("E-0",)),
    Entry("options-quarter-after-the-export", option("quarter", "2026-Q1"), 1, ("E-0",), both=True),
    refused("as-at-nonsense", option("as-at", "yesterday"), "--as-at is not a date"),
    refused("as-at-thirty-first-of-september", option("as-at", "2025-09-31"), "--as-at is not a date"),
    refused("as-at-year-0000", option("as-at", "0000-01-01"), "--as-at is not a date"),
    refused("as-at-two-digit-year", option("as-at", "30/09/25"), "--as-at"),
    refused("as-at-in-the-future", option("as-at", "2099-01-01"), "future"),
    refused("as-at-9999", option("as-at", "9999-12-31"), "future"),
    Entry("options-as-at-before-the-quarter", option("as-at", "2025-06-30"), 1, ("30 June 2025",)),
    Entry("options-as-at-before-everything", option("as-at", "1990-01-01"), 1, ("1 January 1990",)),
    refused("authority-unknown", option("authority", "E06999999"), "authority is not known"),
    refused("authority-name", option("authority", "Thurrock"), "authority is not known"),
    refused("authority-welsh", option("authority", "W06000015"), "authority is not known"),
    refused("authority-scottish", option("authority", "S12000033"), "authority is not known"),
    refused("authority-region", option("authority", "E12000006"), "authority is not known"),
    refused("authority-empty", option("authority", ""), "authority is not known"),
    refused("authority-a-path", option("authority", "../E06000034"), "authority is not known"),
    refused("authority-with-a-control-character", option("authority", "E0600\x0b0034"), "authority is not known"),
    Entry(
        "options-authority-in-small-letters",
        option("authority", "e06000034"),
        0,
        ("3 of 3 cases", "E06000034"),
        command="run",
    ),
    Entry("options-check-authority-in-small-letters", option("authority", "e06000034"), 0),
    Entry("options-authority-with-spaces", option("authority", " E06000034 "), 0),
    Entry("options-another-authority", option("authority", "E09000002"), 1, ("E06000034",), both=True),
    refused("no-authority", option("authority", None), "authority"),
    refused("no-quarter", option("quarter", None), "quarter"),
    refused("no-source", option("source", None), "source"),
    refused("unknown-option", option("quater", "2025-Q3"), "quater"),
    refused("unknown-format", option("format", "xml"), "format"),
    Entry("options-format-csv", option("format", "csv"), 0, ("rule_id",)),
    Entry("options-format-json", option("format", "json"), 0, ("[]",)),
    refused("return-profile-unknown", option("return-profile", "official"), "return profile", command="run"),
    refused("return-profile-a-file", beside("return-profile", "x", "pack.toml"), "return profile", command="run"),
    refused("return-profile-empty-folder", pack({}), "profile.toml", command="run"),
    refused("return-profile-no-toml", pack({"profile.toml": "name: x"}), "profile", command="run"),
    refused("return-profile-no-xsd", pack({"profile.toml": PROFILE}), "return profile", command="run"),
    refused(
        "return-profile-xsd-is-no-xml",
        pack({"profile.toml": PROFILE, "case.xsd": "hello"}),
        "return profile",
        command="run",
    ),
    refused(
        "return-profile-xsd-is-no-schema",
        pack({"profile.toml": PROFILE, "case.xsd": "<a/>"}),
        "return profile",
        command="run",
    ),
    refused(
        "return-profile-empty-xsd", pack({"profile.toml": PROFILE, "case.xsd": ""}), "return profile", command="run"
    ),
    refused("warehouse-a-text", warehouse("hello\n"), "warehouse", status=3, command="run"),
    refused("warehouse-a-csv", warehouse("a,b\n1,2\n", "warehouse.csv"), "warehouse", status=3, command="run"),
    refused("warehouse-noise", warehouse(bytes(range(256)) * 64), "warehouse", status=3, command="run"),
    refused("warehouse-a-folder", option("warehouse", "{folder}/export"), "warehouse", status=3, command="run"),
    refused("warehouse-newer", warehouse_of_another_layout, "warehouse", status=3, command="run"),
    refused("warehouse-of-another-program", foreign_database, "warehouse", status=3, command="run"),
    Entry("options-warehouse-below-nothing", option("warehouse", "{folder}/none/w.duckdb"), 0, command="run"),
    refused("out-is-a-file", out_is_a_file, "out", command="run"),
    refused("out-authority-is-a-file", below_out_is_a_file, "out", command="run"),
    refused("out-quarter-is-a-file", quarter_is_a_file, "out", command="run"),
    refused("out-below-a-file", out_below_a_file, "out", command="run"),
    refused("out-name-too-long", out_of_control_characters, "out", command="run"),
    Entry("options-export-with-a-broken-link", unreadable_export, 3, ("relief.csv", "link")),
    Entry("options-exclude-without-errors", option("exclude-cases-with-errors", "late"), 0, command="run"),
    Entry("options-note-of-markup", option("note", "<script>"), 0, command="run"),
    refused(
        "exclude-without-a-reason",
        several(option("exclude-cases-with-errors", " ")),
        "reason",
        command="run",
    ),
)
