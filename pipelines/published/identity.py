"""One identity: what the printed figures of one authority and quarter say of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipelines.published.degrees import households_with_three_or_more

Ref = tuple[str, str]  # table, column path


class Kind(StrEnum):
    """How ``printed`` stands to the sum of ``parts``."""

    EQUAL = "equal"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    BETWEEN = "between"
    """At least the sum of ``parts``, at most that of ``parts`` and ``rest`` together."""
    DEGREES = "degrees"
    """``parts`` count households under each need, ``rest`` those with one and with two, ``printed`` those with more."""


@dataclass(frozen=True)
class Identity:
    """What must hold of the figure ``printed`` beside others of the same authority and quarter.

    Every kind comes down to ``bounds``. ``source`` says why it must hold, or where it was found never to fail.
    """

    name: str
    printed: Ref
    parts: tuple[Ref, ...]
    kind: Kind = Kind.EQUAL
    rest: tuple[Ref, ...] = ()
    source: str = "heading tree"

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Every figure that takes part; where one is not printed the identity says nothing."""
        return (self.printed, *self.parts, *self.rest)

    def bounds(self, figures: Mapping[Ref, int]) -> tuple[int | None, int | None]:
        """The least and the most that ``printed`` may be beside the other figures; None where there is no such bound.

        With ``Kind.DEGREES`` the least may lie above the most: then no figure fits the others.
        Raises ``KeyError`` when one of the other figures is not given.
        """
        if self.kind is Kind.DEGREES:
            one, two = (figures[ref] for ref in self.rest)
            return households_with_three_or_more([figures[ref] for ref in self.parts], one, two)
        low = sum(figures[ref] for ref in self.parts)
        high = low + sum(figures[ref] for ref in self.rest)
        return (None if self.kind is Kind.AT_MOST else low, None if self.kind is Kind.AT_LEAST else high)
