"""What holds for every export: dates in every form, rows in every order, bytes of every kind."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.errors import HclicError
from pipelines.extract import Extracted, extract, records
from pipelines.extract.decoding import decode
from pipelines.extract.delimited import read_csv
from pipelines.extract.layouts import write_layout
from pipelines.extract.parsing import parse_date, parse_flag, parse_integer, parse_number
from pipelines.extract.tabular import TextTable
from schemas.sources import DATE_FORMATS, DEFAULT_DATES, load

pytestmark = pytest.mark.no_cover

Read = Callable[..., Extracted]
Balanced = Callable[[Extracted], None]

WRITTEN = {
    "iso": "%Y-%m-%d",
    "uk": "%d/%m/%Y",
    "month": "%d-%b-%Y",
    "us": "%m/%d/%Y",
    "compact": "%Y%m%d",
}
SERIAL_ZERO = date(1899, 12, 30)


@pytest.mark.parametrize("name", sorted(DATE_FORMATS))
@given(day=st.dates(date(1900, 3, 1), date(2099, 12, 31)))
@example(day=date(2024, 2, 29))
def test_a_date_is_read_back_in_every_form(name: str, day: date) -> None:
    if name == "serial":
        # Five digits: from 1927; older birthdays come as dates or text.
        day = max(day, SERIAL_ZERO + timedelta(days=10_000))
        text = str((day - SERIAL_ZERO).days)
    else:
        text = day.strftime(WRITTEN[name])
    assert parse_date(text, (name,)) == (day, None, False)


@given(moment=st.datetimes(datetime(1900, 3, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - as exported
def test_a_time_of_day_never_changes_the_day(moment: datetime) -> None:
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    for text in (moment.strftime("%Y-%m-%d %H:%M:%S"), moment.strftime("%d/%m/%YT%H:%M:%S.000")):
        assert parse_date(text, DEFAULT_DATES) == (moment.date(), None, not midnight)


# Excel shows 1 January 2026 for the number 46023 and 1 March 1900 for 61 (its own documented date system).
def test_excel_numbers_days_as_excel_does() -> None:
    assert parse_date("46023", ("serial",)) == (date(2026, 1, 1), None, False)
    assert parse_date("46023.5", ("serial",)) == (date(2026, 1, 1), None, True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("31/02/2025", "X-30"),
        ("2025-13-01", "X-30"),
        ("01/02/25", "X-31"),
        ("1-Feb-25", "X-31"),
        ("2025", "X-30"),
        ("tomorrow", "X-30"),
        ("2025-02-01 25:00", "X-30"),
        ("2025-02-01T10:00:00X", "X-30"),
        ("2025-02-01T10:61", "X-30"),
        ("Dec-25", "X-30"),
        ("25 Dec", "X-30"),
        ("12/31/2025", "X-30"),
        ("1/2/3/2025", "X-30"),
    ],
)
def test_what_is_no_date_is_a_problem(text: str, problem: str) -> None:
    assert parse_date(text, DEFAULT_DATES) == (None, problem, False)


@given(value=st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 2)))
def test_numbers_are_read_with_commas_and_pounds(value: float) -> None:
    assert parse_number(f"{value:,.2f}") == value
    assert parse_number(f"£{abs(value):,.2f}") == abs(value)


@pytest.mark.parametrize("text", ["1,23", "1.2.3", "", "£", "1e5", "nan", "inf", "12 34", "--1"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_number(text) is None
    assert parse_integer(text) is None


def test_whole_numbers_and_flags() -> None:
    assert [parse_integer(text) for text in ("3", "3.0", "1,200", "3.5", "-2")] == [3, 3, 1200, None, -2]
    assert [parse_flag(text) for text in ("YES", "y", "True", "1")] == [True] * 4
    assert [parse_flag(text) for text in ("No", "n", "FALSE", "0")] == [False] * 4
    assert parse_flag("2") is None


@pytest.mark.parametrize("profile", ["native", "jigsaw-style"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_the_rows_changes_nothing(
    tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame], profile: str, seed: int
) -> None:
    write_layout(sections, profile, tmp_path)
    before = read(tmp_path, profile)
    for path in tmp_path.glob("*.csv"):
        head, *rows = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
        random.Random(seed).shuffle(rows)
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    after = read(tmp_path, profile)
    assert after.findings.is_empty()
    for name, frame in before.sections.items():
        assert_frame_equal(frame.drop("_row"), after.sections[name].drop("_row"))


@st.composite
def mangled(draw: st.DrawFn, whole: bytes) -> bytes:
    """The file with pieces cut out, doubled, overwritten or put in."""
    data = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 200)))
        piece = draw(
            st.one_of(
                st.just(b""),
                st.just(data[start:end] * 2),
                st.sampled_from(
                    [b'"', b",", b"\n", b"\r", b"\r\n", b",,", b'""', b"\xff", b"\x00", b"\xc3", b"\x85", b";"]
                ),
                st.binary(max_size=20),
                st.text(max_size=10).map(lambda text: text.encode("utf-8", "replace")),
            )
        )
        data = data[:start] + piece + data[end:]
    return data


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), name=st.sampled_from(["main.csv", "people.csv", "temporary_accommodation.csv"]))
def test_mangled_bytes_never_crash_and_rows_always_balance(
    data: st.DataObject, name: str, small_native: dict[str, bytes], balanced: Balanced
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for file, whole in small_native.items():
            content = data.draw(mangled(whole)) if file == name else whole
            (Path(folder) / file).write_bytes(content)
        try:
            found = extract(Path(folder), "native", authority="E06000034", as_at=date(2025, 12, 31))
        except HclicError as error:
            assert "\n" not in str(error)
            return
        balanced(found)
        for section, frame in found.sections.items():
            assert frame.select("case_ref").null_count().item() == 0, section
        # A row set aside, or a cell lost, is never without a finding.
        assert found.set_aside.is_empty() or not found.findings.is_empty()


def carefully(body: str) -> records.Block:
    """The rows of the lines by the csv module, the first of them number 2."""
    layout = records.Layout("x.csv", ",", 2)
    return layout._careful(records.Records(records.Lines(iter(())), body, layout, 2), damaged=False)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.sampled_from('ab,"\n\r ;1\x1c'), max_size=60))
@example(text='a,"b\nc')
@example(text='1,1"1"')
@example(text='"a""b",c\n')
@example(text="1,2\n1\na,b,")
@example(text="a,b\n,\x1c")
def test_the_fast_reader_never_disagrees_with_the_careful_one(text: str) -> None:
    body = text.replace("\r\n", "\n").rstrip("\n\x1a")
    fast = records.fast(body, ",", 2, 2)
    assume(fast is not None)  # it leaves to the careful reader what is not one row a line
    assert fast is not None
    slow = carefully(body)
    assert slow.bad == []
    assert_frame_equal(fast.frame, slow.frame.drop("_i"))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.sampled_from("ab,\n ;1é\u00a0"), max_size=60))
@example(text="1,2,,\n,,\n1\n1,2, ,x\n 1,2")
def test_lines_of_any_length_without_quotation_marks_are_read_as_the_careful_reader_does(text: str) -> None:
    body = text.rstrip("\n\x1a")
    plain = records.plain(body, ",", 2, 2)
    slow = carefully(body)
    assert plain is not None
    assert plain.bad == slow.bad
    assert_frame_equal(plain.frame.drop("_i", strict=False), slow.frame.drop("_i"))


plain_cell = st.text(st.sampled_from("ab ;1"), max_size=6)
quoted_cell = st.text(st.sampled_from('ab, ;1"'), max_size=6).map(lambda text: '"' + text.replace('"', '""') + '"')
rows_of_two = st.lists(st.tuples(*(st.one_of(plain_cell, quoted_cell) for _ in "ab")), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(rows_of_two)
def test_well_formed_rows_are_read_fast_and_as_the_careful_reader_does(rows: list[tuple[str, str]]) -> None:
    body = "\n".join(",".join(row) for row in rows)
    fast, slow = records.fast(body, ",", 2, 2), carefully(body)
    assert fast is not None and slow.bad == []
    assert_frame_equal(fast.frame, slow.frame.drop("_i"))


# Pieces of files, of which a cut may fall into any: a quoted row of two lines, a row of another length, an open mark.
PIECES = [
    "1,2",
    ",",
    "\n",
    "\r\n",
    "\r",
    '"',
    '""',
    "é",
    "€",
    "😀",
    '"a\nb",c\n',
    '"a,""b",c\n',
    "1\n",
    "1,2,3\n",
    "1,,\n",
]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=25),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    spoilt=st.sampled_from([b"", b"\xe9", b"\xc3", b"\xf0\x9f"]),
    block=st.integers(1, 12),
    part=st.integers(1, 9),
)
@example(pieces=['"a\nb",c\n', "\r\n", "1\n", '"', "1,2"], codec="utf-8", spoilt=b"", block=1, part=1)
@example(pieces=["1,2", "€", "\r\n", '"', "1,2", "\n", "1,2"], codec="utf-8", spoilt=b"\xe9", block=1, part=1)
def test_a_text_in_parts_gives_what_it_gives_at_once(
    pieces: list[str], codec: str, spoilt: bytes, block: int, part: int
) -> None:
    data = ("a,b\r\n" + "".join(pieces)).encode(codec, "replace")
    data += spoilt if codec != "utf-16" else b""

    def read(size: int) -> tuple[TextTable, str]:
        text = decode(lambda: (data[start : start + size] for start in range(0, len(data), size)))
        return read_csv(text, "x.csv", expected=frozenset("ab")), text.encoding

    at_once, encoding = read(len(data))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "BLOCK_CHARS", block)
        in_parts, same = read(part)
        frame = pl.concat(in_parts.blocks())
        wanted = frame.get_column("_row").gather_every(2)
        lines = in_parts.lines(wanted)
    assert (same, in_parts.headings, in_parts.damaged_row) == (encoding, at_once.headings, at_once.damaged_row)
    assert in_parts.bad == at_once.bad
    assert_frame_equal(frame, at_once.frame, check_column_order=False)
    assert_frame_equal(lines, at_once.lines(wanted))


def test_profiles_are_read_once() -> None:
    assert load("native") is load("native")
