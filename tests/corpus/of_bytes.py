"""Bytes, encodings, delimiters and quotation marks of the export's files."""

from __future__ import annotations

from tests.corpus.base import FILES, ONE, TWO, Call
from tests.corpus.edits import (
    cell,
    edit,
    encoded,
    everywhere,
    raw,
    several,
    text,
)
from tests.corpus.entry import Entry

# The first bytes of an OLE file, in which old workbooks and encrypted ones are packed.
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
ENCRYPTED = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(480)


def semicolons_in_one_row(call: Call) -> None:
    """One row of a comma file parted by semicolons."""
    call.change("relief", lambda old: old.replace(f"{ONE},2025-09-03,,,,,,", f"{ONE};2025-09-03;;;;;;"))


def two_encodings(call: Call) -> None:
    """A row of another system joined to a UTF-8 file."""
    body = call.text("people").encode().replace(b"1 Quay Lane", "1 Zoë Street".encode())
    call.write("people", body.replace(b"2 Quay Lane", "2 Zoë Street".encode("cp1252")))


def name_with(piece: str) -> str:
    """A forename that holds the piece."""
    return f"Ann{piece}Lee"


ENTRIES = (
    Entry("bytes-empty-file", text("reviews", b""), 1, ("X-05", "reviews.csv")),
    Entry("bytes-only-a-bom", text("reviews", b"\xef\xbb\xbf"), 1, ("X-05", "reviews.csv")),
    Entry("bytes-only-line-ends", text("reviews", b"\r\n\r\n\r\n"), 1, ("X-05", "reviews.csv")),
    Entry("bytes-noise", text("reviews", bytes(range(256)) * 4), 1, ("X-03", "reviews.csv", "binary data")),
    Entry(
        "bytes-nul-in-the-middle", raw("relief", lambda b: b.replace(b"relief_end", b"relief\0end")), 1, ("relief.csv",)
    ),
    Entry(
        "bytes-workbook-named-csv", text("reviews", b"PK\x03\x04rest"), 1, ("X-03", "reviews.csv", "workbook or zip")
    ),
    Entry(
        "bytes-parquet-named-csv",
        text("reviews", b"PAR1\x15\x04\x15\x10" + bytes(40) + b"PAR1"),
        1,
        ("X-03", "reviews.csv"),
    ),
    Entry("bytes-old-workbook-named-csv", text("reviews", OLE), 1, ("X-03", "reviews.csv")),
    Entry("bytes-pdf-named-csv", text("reviews", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"), 1, ("reviews.csv",)),
    Entry(
        "bytes-web-page-named-csv",
        text("reviews", "<!DOCTYPE html>\n<html><body>Your session has ended</body></html>\n"),
        1,
        ("reviews.csv",),
    ),
    Entry("bytes-json-named-csv", text("reviews", '[{"case_ref": "A1"}]\n'), 1, ("reviews.csv",)),
    Entry(
        "bytes-error-message-as-file",
        text("reviews", "ORA-01017: invalid username/password; logon denied\n"),
        1,
        ("reviews.csv",),
    ),
    Entry(
        "bytes-mail-as-file", text("reviews", "Hi,\nplease find the reviews attached\nRegards\n"), 1, ("reviews.csv",)
    ),
    Entry("bytes-two-encodings", two_encodings, 1, ("X-04", "people.csv", "row 4")),
    Entry(
        "bytes-cut-off-in-a-row", edit("people", lambda t: t[: t.rindex("2018")]), 1, ("X-20", "people.csv", "row 6")
    ),
    Entry(
        "bytes-cut-off-in-quotes",
        edit("assistance", lambda t: t + f'{TWO},"dru'),
        1,
        ("X-21", "assistance.csv", "row 3"),
    ),
    Entry(
        "bytes-quote-opens-and-stays-open",
        edit("relief", lambda t: t.replace("2025-07-03", '"2025-07-03')),
        1,
        ("X-21", "relief.csv", "row 3"),
    ),
    Entry("bytes-quote-in-the-middle", edit("people", lambda t: t.replace("1 Quay Lane", '1 "Quay" Lane', 1)), 0),
    Entry(
        "bytes-line-break-in-a-cell",
        edit("people", lambda t: t.replace("1 Quay Lane", '"1 Quay\nLane"', 1)),
        0,
        both=True,
    ),
    Entry("bytes-bom", everywhere(lambda t: "\ufeff" + t), 0),
    Entry("bytes-crlf", everywhere(lambda t: t.replace("\n", "\r\n")), 0),
    Entry("bytes-cr-alone", everywhere(lambda t: t.replace("\n", "\r")), 0),
    Entry("bytes-no-last-line-end", everywhere(lambda t: t.rstrip("\n")), 0),
    Entry("bytes-trailing-blank-lines", everywhere(lambda t: t + "\n\n\n"), 0),
    Entry("bytes-trailing-empty-cells", everywhere(lambda t: t.replace("\n", ",,\n")), 0),
    Entry(
        "bytes-semicolons",
        everywhere(lambda t: t.replace(";", "|").replace(",", ";").replace("|", ",")),
        1,
        ("X-35", "main.csv", "benefits"),
    ),
    Entry("bytes-semicolons-in-one-file", edit("relief", lambda t: t.replace(",", ";")), 0),
    Entry("bytes-tabs-in-one-file", edit("relief", lambda t: t.replace(",", "\t")), 0),
    Entry("bytes-bars-in-one-file", edit("relief", lambda t: t.replace(",", "|")), 0),
    Entry("bytes-carets-in-one-file", edit("relief", lambda t: t.replace(",", "^")), 1, ("relief.csv",)),
    Entry("bytes-semicolons-in-one-row", semicolons_in_one_row, 1, ("X-20", "relief.csv", "row 2")),
    Entry("bytes-sep-line", edit("relief", lambda t: "sep=;\n" + t.replace(",", ";")), 0),
    Entry("bytes-sep-line-with-comma", edit("relief", lambda t: "sep=,\n" + t), 0),
    Entry("bytes-utf-16", encoded("relief", "utf-16"), 0),
    Entry(
        "bytes-utf-16-everywhere",
        lambda call: [encoded(name, "utf-16")(call) for name in FILES] and None,
        0,
    ),
    Entry("bytes-utf-32", encoded("relief", "utf-32"), 1, ("relief.csv",)),
    Entry(
        "bytes-windows-1252", several(cell("people", 2, "last_address", "1 Café Lane"), encoded("people", "cp1252")), 0
    ),
    Entry("bytes-space-around-cells", edit("relief", lambda t: t.replace(",", " , ")), 0),
    Entry(
        "bytes-every-cell-quoted",
        edit("relief", lambda t: "\n".join('"' + line.replace(",", '","') + '"' for line in t.splitlines()) + "\n"),
        0,
    ),
    Entry(
        "bytes-nul-in-a-name",
        cell("people", 2, "forename", name_with("\0")),
        1,
        ("people.csv",),
    ),
    Entry(
        "bytes-control-character-in-a-name",
        cell("people", 2, "forename", name_with("\x0b")),
        1,
        ("people.csv", "row 2", "forename"),
        both=True,
    ),
    Entry(
        "bytes-escape-in-a-name",
        cell("people", 2, "surname", name_with("\x1b[31m")),
        1,
        ("people.csv", "row 2", "surname"),
    ),
    Entry(
        "bytes-non-character-in-a-name",
        cell("people", 3, "forename", name_with("\ufffe")),
        1,
        ("people.csv", "row 3", "forename"),
    ),
    Entry(
        "bytes-last-non-character-in-a-name",
        cell("people", 3, "forename", name_with("\uffff")),
        1,
        ("people.csv", "row 3", "forename"),
        both=True,
    ),
    Entry(
        "bytes-control-character-in-an-address",
        cell("people", 2, "last_address", "1\x01Street"),
        1,
        ("people.csv", "row 2", "last_address"),
    ),
    Entry(
        "bytes-control-character-in-a-code",
        cell("main", 2, "lastaccom", "fam\x02ily"),
        1,
        ("main.csv", "row 2", "lastaccom"),
    ),
    Entry(
        "bytes-control-character-in-a-local-field",
        cell("main", 2, "officer", "A\x03B"),
        0,
        ("X-60", "main.csv", "row 2", "officer"),
        both=True,
    ),
    Entry("bytes-direction-marks-in-a-name", cell("people", 2, "forename", name_with("\u202e")), 0),
    Entry("bytes-emoji-in-a-name", cell("people", 2, "forename", "🏠"), 0, both=True),
    Entry("bytes-zero-width-space-in-a-code", cell("main", 2, "lastaccom", "family\u200b"), 0),
    Entry("bytes-no-break-space-in-a-code", cell("main", 2, "lastaccom", "family\u00a0"), 0),
)
