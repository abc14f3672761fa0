"""Draws from a seed: those of ``random.Random``, number for number, with fewer calls on the way to each."""

from __future__ import annotations

import random
from collections.abc import MutableSequence
from typing import Any, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class _Choices(Protocol[T_co]):
    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> T_co: ...


class Draws(random.Random):
    """A generator whose whole numbers are drawn in one step: an authority's households need 30,000 of them.

    The same seed gives the same draws as ``random.Random``; a test holds the two together.
    """

    def randint(self, a: int, b: int) -> int:
        """A whole number from ``a`` to ``b``, both included.

        Raises:
            ValueError: ``b`` is less than ``a``.
        """
        size = b - a + 1
        if size < 1:
            raise ValueError("there is no whole number between the two")
        bits = size.bit_length()
        drawn = self.getrandbits(bits)
        while drawn >= size:
            drawn = self.getrandbits(bits)
        return a + drawn

    def choice(self, seq: _Choices[T]) -> T:
        """One of the members.

        Raises:
            IndexError: there is none.
        """
        size = len(seq)
        if not size:
            raise IndexError("there is nothing to choose from")
        bits = size.bit_length()
        drawn = self.getrandbits(bits)
        while drawn >= size:
            drawn = self.getrandbits(bits)
        return seq[drawn]

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Bring the members into another order, in place."""
        draw = self.getrandbits
        for place in range(len(x) - 1, 0, -1):
            size = place + 1
            bits = size.bit_length()
            other = draw(bits)
            while other >= size:
                other = draw(bits)
            x[place], x[other] = x[other], x[place]
