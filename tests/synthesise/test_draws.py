"""Draws, and workbooks laid out once: quicker ways to the same households."""

from __future__ import annotations

import random

import pytest

from pipelines.errors import InputError
from pipelines.synthesise import synthesise
from pipelines.synthesise.cells import Book
from pipelines.synthesise.draws import Draws
from tests.synthesise.caseload import row_of, tidy


@pytest.mark.parametrize("seed", [0, 20, "1 E06000017 2025-Q3"])
def test_draws_are_those_of_the_standard_library(seed: int | str) -> None:
    ours, theirs = Draws(seed), random.Random(seed)
    for size in (1, 2, 3, 5, 8, 16, 17, 1000, 2**31, 2**70):
        assert [ours.randint(-3, size) for _ in range(20)] == [theirs.randint(-3, size) for _ in range(20)]
        members = range(min(size, 1000))
        assert [ours.choice(members) for _ in range(20)] == [theirs.choice(members) for _ in range(20)]
        hands = [list(members) for _ in range(2)]
        ours.shuffle(hands[0])
        theirs.shuffle(hands[1])
        assert hands[0] == hands[1]
    assert ours.random() == theirs.random()


def test_nothing_is_drawn_from_nothing() -> None:
    with pytest.raises(ValueError, match="no whole number"):
        Draws(1).randint(2, 1)
    with pytest.raises(IndexError):
        Draws(1).choice(())


def test_a_workbook_laid_out_once_gives_the_same_households() -> None:
    book = Book(tidy("2025-Q2"))
    assert "E06000017" in book.authorities
    assert all(code.startswith(("E06", "E07", "E08", "E09")) for code in book.authorities)
    apart, together = (synthesise([given], "E06000017", 1) for given in (row_of("2025-Q2", "E06000017"), book))
    assert all(apart.sections[name].equals(together.sections[name]) for name in apart.sections)
    assert apart.free.equals(together.free)


def test_a_workbook_of_no_quarter_is_refused() -> None:
    with pytest.raises(InputError, match="exactly one quarter"):
        Book(tidy("2025-Q2").clear())
