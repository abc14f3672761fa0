"""A personal value reaches no message, whatever column it lands in."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import HclicError
from pipelines.extract import Extracted
from pipelines.extract.layouts import write_layout
from pipelines.findings import MASK
from schemas.sections import SECTION

Read = Callable[..., Extracted]

SENTINELS = ("Xantippe", "Quackenbush", "QQ987654D", "99 Sentinel Row ZZ9 9ZZ", "1971-03-09", "09/03/1971")
PRINTED = (
    "rule_id",
    "severity",
    "scope",
    "section",
    "case_ref",
    "record_key",
    "fields",
    "message",
    "action",
    "officer",
)


def with_sentinels(sections: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """A sentinel in every personal field of every person."""
    people = sections["people"].with_columns(
        forename=pl.lit(SENTINELS[0]),
        surname=pl.lit(SENTINELS[1]),
        nino=pl.lit(SENTINELS[2]),
        last_address=pl.lit(SENTINELS[3]),
        date_of_birth=pl.lit(SENTINELS[4]).str.to_date(),
    )
    return {**sections, "people": people}


def assert_silent(found: Extracted) -> None:
    """No sentinel in anything that may be printed; values of personal fields masked."""
    for column in PRINTED:
        text = " ".join(str(cell) for cell in found.findings.get_column(column))
        for sentinel in SENTINELS:
            assert sentinel.casefold() not in text.casefold(), (column, sentinel)
    personal = [column.name for column in SECTION["people"].columns if column.personal]
    values = found.findings.filter(pl.col("fields").is_in(personal) & pl.col("value").is_not_null()).get_column("value")
    assert set(values) <= {MASK}
    for count in found.files:
        for sentinel in SENTINELS:
            assert sentinel.casefold() not in f"{count.name} {count.encoding} {count.delimiter}".casefold()


@pytest.mark.parametrize("profile", ["native", "jigsaw-style", "civica-style"])
def test_a_good_export_says_nothing(
    tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame], profile: str
) -> None:
    write_layout(with_sentinels(sections), profile, tmp_path)
    assert_silent(read(tmp_path, profile))


@pytest.mark.parametrize("profile", ["native", "jigsaw-style"])
@pytest.mark.parametrize("seed", range(12))
def test_shifted_rows_and_swapped_columns_say_nothing(
    tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame], profile: str, seed: int
) -> None:
    write_layout(with_sentinels(sections), profile, tmp_path)
    path = tmp_path / ("people.csv" if profile == "native" else "cases.csv")
    frame = pl.read_csv(path, infer_schema=False)
    pick = random.Random(seed)
    head, rows = list(frame.columns), [list(row) for row in frame.iter_rows()]
    kind = seed % 4
    if kind == 0:
        pick.shuffle(head)  # columns swapped
    elif kind == 1:
        by = pick.randrange(1, len(head))
        rows = [row[by:] + row[:by] for row in rows]  # every row shifted
    elif kind == 2:
        rows[0] = [*rows[0][: pick.randrange(len(head))], "x", *rows[0][1:]][: len(head)]
        for row in rows:
            pick.shuffle(row)
    else:
        head, rows = list(map(str, rows[-1])), [head, *rows[:-1]]  # the headings are gone
    pl.DataFrame(rows, schema=[f"c{index}" for index in range(len(head))], orient="row").write_csv(
        path, include_header=False
    )
    path.write_text(",".join(f'"{name}"' for name in head) + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    try:
        found = read(tmp_path, profile)
    except HclicError as error:
        assert not any(sentinel in str(error) for sentinel in SENTINELS)
        return
    assert_silent(found)
    assert not found.findings.is_empty()


@pytest.mark.parametrize("column", [column.name for column in SECTION["people"].columns if column.personal])
def test_a_personal_value_under_the_heading_of_the_reference_is_no_reference(
    export: Path, read: Read, sections: dict[str, pl.DataFrame], column: str
) -> None:
    write_layout(with_sentinels(sections), "native", export)
    path = export / "people.csv"
    text = path.read_text(encoding="utf-8")
    head = text.split("\n", 1)[0]
    swapped = head.replace("case_ref", "?").replace(column, "case_ref").replace("?", column)
    path.write_text(text.replace(head, swapped, 1), encoding="utf-8")
    found = read(export)
    assert_silent(found)
    assert found.sections["people"].is_empty()
    assert found.set_aside.height == 5


def test_the_value_of_an_unmapped_column_is_never_shown(export: Path, read: Read) -> None:
    path = export / "reviews.csv"
    head, row = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    path.write_text(f"{head},Remarks\n{row},{SENTINELS[0]}\n", encoding="utf-8")
    found = read(export)
    assert found.findings.get_column("rule_id").to_list() == ["X-08"]
    assert SENTINELS[0] not in str(found.findings.rows())


def test_rows_set_aside_keep_their_whole_content(export: Path, read: Read) -> None:
    path = export / "people.csv"
    head, row, *rest = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    path.write_text("\n".join([head, row.replace("E06000034_000000000001", ""), *rest]) + "\n", encoding="utf-8")
    content = read(export).set_aside.get_column("content")[0]
    assert "O'Neil, Jr" in content and "QQ123456C" in content
