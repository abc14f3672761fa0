"""The recount of the soak (``bench/soak``) notices what is lost, twice, other or moved: it can fail."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from bench.soak import recount
from bench.soak.run import Soak, quarters
from bench.soak.system import System
from tests.faults.forked import runs

(NAME, FIRST, LAST), DAY = next(iter(quarters(1))), date(2018, 7, 20)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Soak:
    """One draft of the first quarter, without kills."""
    system = System(7, FIRST + timedelta(days=1), LAST, a_week=4)
    with runs() as server:
        soak = Soak(server, system, tmp_path_factory.mktemp("soak"), random.Random(7), kills=0.0)
        soak.draft(NAME, FIRST, LAST, DAY)
    return soak


@pytest.fixture
def case_file(made: Soak, tmp_path: Path) -> Path:
    (path,) = (made.out / "E06000034" / NAME / "return").glob("hclic_case_*.xml")
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    return copy


def said(soak: Soak, case_file: Path) -> list[str]:
    return recount.differences(case_file, soak.references, recount.expected(soak.system, DAY, FIRST, LAST))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def first_case(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return text[text.index("<CASE>") : text.index("</CASE>") + len("</CASE>")]


def test_a_return_as_it_was_made_is_recounted_without_a_difference(made: Soak, case_file: Path) -> None:
    assert made.faults == []
    assert said(made, case_file) == []
    assert len(recount.written(case_file)) > 20


def test_a_case_that_is_lost_is_noticed(made: Soak, case_file: Path) -> None:
    change(case_file, first_case(case_file), "")
    assert [one.split(" ", 1)[1] for one in said(made, case_file)] == ["is lost"]


def test_a_case_that_is_there_twice_is_noticed(made: Soak, case_file: Path) -> None:
    case = first_case(case_file)
    change(case_file, case, case + case)
    assert [one.split(" ", 1)[1] for one in said(made, case_file)] == ["is there 2 times"]


@pytest.mark.parametrize("name", ["ASSESS_DATE", "RELIEF_START", "BENEFITS", "PERSON_NO"])
def test_a_value_other_than_recorded_is_noticed(made: Soak, case_file: Path, name: str) -> None:
    case = first_case(case_file)
    held = case[case.index(f"<{name}>") + len(name) + 2 : case.index(f"</{name}>")]
    change(case_file, f"<{name}>{held}<", f"<{name}>{held}9<")
    assert [f": {name} is" in one for one in said(made, case_file)] == [True]


def test_a_case_of_another_quarter_is_noticed(made: Soak, case_file: Path) -> None:
    of_the_next = recount.expected(made.system, DAY, LAST + timedelta(days=1), LAST + timedelta(days=92))
    wrong = recount.differences(case_file, made.references, of_the_next)
    assert any("does not belong there" in one for one in wrong)


def test_a_reference_that_moves_or_is_given_twice_is_noticed(made: Soak) -> None:
    (local, ref), (other, _) = list(made.references.items())[:2]
    assert recount.moved(made.references, made.references) == []
    assert recount.moved(made.references, made.references | {local: "E06000034_900000009999"})
    assert any("several cases" in one for one in recount.moved({}, made.references | {other: ref}))


def test_the_system_enters_late_and_corrects(made: Soak) -> None:
    later = {ref: rows for ref, rows in made.system.as_at(DAY + timedelta(days=400))}
    now = {ref: rows for ref, rows in made.system.as_at(DAY)}
    assert len(later) > len(now)
    assert any(later[ref]["main"][1]["benefits"] != rows["main"][1]["benefits"] for ref, rows in now.items())


def test_the_same_seed_gives_the_same_export(tmp_path: Path) -> None:
    for name in ("one", "two"):
        System(3, FIRST, LAST).export(DAY, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
