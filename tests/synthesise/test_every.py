"""``hclic synthesise --all``: every authority of a workbook, as it would be made alone, whatever befalls another."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.cli import main
from pipelines.errors import InputError
from pipelines.fleet.manifest import Row, plan
from pipelines.side_by_side import Lost, side_by_side
from pipelines.synthesise import Synthetic, every, synthesise
from pipelines.synthesise.cells import Book
from pipelines.synthesise.clashes import CLASH_SCHEMA, PROVED
from pipelines.synthesise.every import Everyone, Task, choose, make_all, named
from tests.published.workbooks import by_quarter
from tests.synthesise import dying

QUARTER = "2022-Q3"
WORKBOOK = by_quarter()[QUARTER]
THURROCK, SCILLY, BARNSLEY, SMALL = EVERYONE = ("E06000034", "E06000053", "E08000016", "E08000023")


def hclic(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hclic", "synthesise", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fleet_of(out: Path) -> list[Row]:
    """The runs that a fleet makes of the list, by authority and quarter."""
    started = datetime(2026, 1, 1, tzinfo=UTC)
    runs = plan(str(out / "manifest.csv"), {}, out=out / "runs", warehouse=None, started=started, folder=out)
    return sorted(runs, key=lambda run: (run.authority, run.quarter))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every authority of a quarter's excerpt, made in two processes."""
    out = tmp_path_factory.mktemp("made") / "all"
    found = make_all(Task((WORKBOOK,), 1, out), processes=2)
    assert (found.failed, found.left_out, found.gone_on) == ([], {}, 0)
    return out


@pytest.fixture(scope="module")
def empty() -> Synthetic:
    """The households of an authority that printed 0 everywhere: none."""
    return synthesise([Book(every.read_workbook(WORKBOOK).tidy)], SCILLY, 1)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, empty: Synthetic) -> list[str]:
    """The authorities that are asked of the maker, of which each is made at once, without households."""
    found: list[str] = []

    def instead(books: Sequence[Book], authority: str, seed: int, **_: Any) -> Synthetic:
        found.append(authority)
        return replace(empty, authority=authority)

    monkeypatch.setattr(every, "synthesise", instead)
    return found


def make(out: Path, seed: int = 1) -> Everyone:
    return make_all(Task((WORKBOOK,), seed, out))


def test_an_authority_is_made_byte_for_byte_as_alone(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = ("--published", str(WORKBOOK), "--authority", SMALL, "--seed", "1", "--out", str(tmp_path / "alone"))
    assert hclic(monkeypatch, *alone) == 0
    assert len(rows(tmp_path / "alone" / "main.csv")) > 30
    assert files(made / SMALL) == files(tmp_path / "alone")


def test_the_list_has_a_row_for_each_authority_in_the_words_of_a_run(made: Path) -> None:
    expected = "".join(f"{code},{code},native,{QUARTER}\n" for code in EVERYONE)
    assert (made / "manifest.csv").read_text() == f"authority,export,source,quarter\n{expected}"
    runs = fleet_of(made)
    assert [run.authority for run in runs] == list(EVERYONE)
    assert {path.name for path in made.iterdir()} == {*EVERYONE, "manifest.csv", "clashes.csv", "made.csv"}


def test_what_was_made_is_counted(made: Path) -> None:
    for row in rows(made / "made.csv"):
        folder = made / row["authority"]
        assert int(row["cases"]) == len(rows(folder / "main.csv"))
        assert int(row["not_reached"]) == len(rows(folder / "clashes.csv"))
        assert int(row["free"]) == len(rows(folder / "free.csv"))


def test_what_stands_whole_is_not_made_again(made: Path, tmp_path: Path, asked: list[str]) -> None:
    before = files(made)
    found = make(made)
    assert asked == []
    assert (found.gone_on, len(found.made)) == (4, 4)
    assert files(made) == before


def test_what_was_broken_off_is_gone_on_with_and_gives_the_same_bytes(tmp_path: Path, asked: list[str]) -> None:
    make(tmp_path)
    before = files(tmp_path)
    (tmp_path / THURROCK / "people.csv").unlink()
    (tmp_path / SMALL / "main.csv").write_text("another file\n")
    asked.clear()
    found = make(tmp_path)
    assert sorted(asked) == [THURROCK, SMALL]
    assert found.gone_on == 2
    assert files(tmp_path) == before


def test_another_seed_makes_all_anew_and_the_list_is_away_until_then(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path)
    asked.clear()

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stops:
        stops.setattr(every, "write", stopped)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path, seed=2)
    assert not (tmp_path / "manifest.csv").exists()
    asked.clear()
    assert make(tmp_path, seed=2).gone_on == 0
    assert sorted(asked) == sorted(EVERYONE)


def test_an_authority_that_fails_stops_no_other_and_is_named(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = every.write

    def fails(made: Synthetic, folder: Path, seed: int) -> None:
        if made.authority == THURROCK:
            raise KeyError("Ada Mistlethwaite")
        if made.authority == SMALL:
            raise InputError("There is something wrong with it.")
        write(made, folder, seed)

    monkeypatch.setattr(every, "write", fails)
    said = ("--all", str(WORKBOOK), "--seed", "1", "--out", str(tmp_path), "--processes", "1")
    assert hclic(monkeypatch, *said) == 4
    out, errors = capsys.readouterr()
    assert "of 2 authorities" in out
    assert f"Thurrock ({THURROCK}): an unforeseen fault (KeyError in tests.synthesise.test_every" in errors
    assert f"({SMALL}): There is something wrong with it." in errors
    assert "Mistlethwaite" not in out + errors
    assert [row["authority"] for row in rows(tmp_path / "manifest.csv")] == [SCILLY, BARNSLEY]
    monkeypatch.setattr(every, "write", write)
    assert hclic(monkeypatch, *said) == 0
    assert [row["authority"] for row in rows(tmp_path / "manifest.csv")] == list(EVERYONE)


def test_a_process_that_dies_takes_its_own_authority_with_it_alone() -> None:
    found = list(side_by_side(dying.work, ["a", "b", "c", "d"], 2, dying.begin, ("b",)))
    assert Lost("b") in found
    assert sorted(one for one in found if isinstance(one, str)) == ["A", "C", "D"]


def test_the_misses_of_all_stand_in_one_list(tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    missed = {
        "quarter": QUARTER, "table": "TA1", "column_path": "Total > One", "published": 7.0, "reached": 6.0,
        "kind": PROVED, "reason": "of two, one", "cells": "TA1: Total > One; TA2: Two",
    }  # fmt: skip
    write = every.write

    def misses(made: Synthetic, folder: Path, seed: int) -> None:
        listed = [missed] if made.authority in (BARNSLEY, THURROCK) else []
        write(replace(made, clashes=pl.DataFrame(listed, schema=CLASH_SCHEMA)), folder, seed)

    monkeypatch.setattr(every, "write", misses)
    assert make(tmp_path).clashes.to_dicts() == [{"authority": one, **missed} for one in (THURROCK, BARNSLEY)]
    assert [row["authority"] for row in rows(tmp_path / "clashes.csv")] == [THURROCK, BARNSLEY]


ALLERDALE, CARLISLE, CUMBERLAND, BARNSLEY_SINCE = "E07000026", "E07000028", "E06000063", "E08000038"


def book(quarter: str, printed: dict[str, float | None]) -> Book:
    """A workbook that prints one count of each authority."""
    of_all = [
        {"la_code": code, "quarter": quarter, "table": "A1", "column_path": path, "measure": measure, "value": value}
        for code, count in printed.items()
        for path, measure, value in (("Assessed", "count", count), ("Households in area (000s)", "thousands", 20.0))
    ]
    return Book(pl.DataFrame(of_all, schema_overrides={"value": pl.Float64}).with_columns(note=pl.lit("")))


def test_an_authority_of_which_nothing_is_printed_is_left_out_and_a_printed_0_is_made() -> None:
    sizes, left_out = choose([book("2025-Q3", {"E92000001": 9, THURROCK: 9, SCILLY: 0, "E09000023": None})])
    assert sizes == {THURROCK: 9, SCILLY: 0}
    assert named(left_out) == ["Lewisham (E09000023): no figure of it is printed in 2025-Q3"]


def test_over_several_quarters_an_authority_is_made_under_its_newest_code_where_it_is_the_same() -> None:
    before = book("2022-Q4", {THURROCK: 1, ALLERDALE: 1, CARLISLE: 1, BARNSLEY: 2, SCILLY: None})
    after = book("2023-Q1", {THURROCK: 1, CUMBERLAND: 1, BARNSLEY_SINCE: 3, SCILLY: 0})
    sizes, left_out = choose([before, after])
    assert sizes == {THURROCK: 2, BARNSLEY_SINCE: 5}
    gone = "the workbook of 2023-Q1 has no row of it"
    assert left_out == {
        CUMBERLAND: "the workbook of 2022-Q4 has several authorities in its place",
        SCILLY: "no figure of it is printed in 2022-Q4",
        ALLERDALE: gone,
        CARLISLE: gone,
    }


def test_runs_of_several_quarters_are_as_at_the_end_of_the_last(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(every, "choose", lambda books: ({THURROCK: 1.0}, {}))
    make_all(Task((by_quarter()["2020-Q2"], by_quarter()["2020-Q3"]), 1, tmp_path))
    assert (tmp_path / "manifest.csv").read_text() == (
        "authority,export,source,quarter,as_at\n"
        f"{THURROCK},{THURROCK},native,2020-Q2,2020-09-30\n"
        f"{THURROCK},{THURROCK},native,2020-Q3,2020-09-30\n"
    )
    assert [run.quarter for run in fleet_of(tmp_path)] == ["2020-Q2", "2020-Q3"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param((), id="nothing"),
        pytest.param(("--published", str(WORKBOOK)), id="no authority"),
        pytest.param(("--all", str(WORKBOOK), "--authority", THURROCK), id="all, and one"),
        pytest.param(("--all", str(WORKBOOK), str(WORKBOOK)), id="the same quarter twice"),
    ],
)
def test_what_is_asked_for_must_be_clear(
    said: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hclic(monkeypatch, *said, "--seed", "1", "--out", str(tmp_path / "out")) == 2
    assert not (tmp_path / "out").exists()


def test_a_record_that_is_not_ours_is_not_written_over(tmp_path: Path, asked: list[str]) -> None:
    (tmp_path / "made.csv").write_text("authority\nE06000034\n")
    with pytest.raises(InputError, match="is no list of made authorities"):
        make(tmp_path)
    assert asked == []
