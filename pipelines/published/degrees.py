"""Whether households with one, two and three or more things can fill columns that count each thing.

Columns such as the support needs of A3 count every household once under each of its needs; beside them stands how many
households have 1, 2 and 3 or more. The two belong to a table of noughts and ones with the columns as its column sums.
By the theorem of Gale and Ryser there is one exactly when the k largest columns together never exceed what the rows can
give them, for each k. What lies above one and two is spread over the rows of three or more as evenly as it goes: any
other spread is harder to fill (source: synthesis-facts §2).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


def fits(columns: Sequence[int], one: int, two: int, three_or_more: int) -> bool:
    """Whether so many households with 1, 2 and 3 or more can be counted as ``columns`` are."""
    above = sum(columns) - one - 2 * two
    if above < 3 * three_or_more or (above and not three_or_more):
        return False
    each, with_one_more = divmod(above, three_or_more) if three_or_more else (0, 0)
    return all(
        largest
        <= one + two * min(2, k) + with_one_more * min(each + 1, k) + (three_or_more - with_one_more) * min(each, k)
        for k, largest in enumerate(accumulate(sorted(columns, reverse=True)), 1)
    )


def households_with_three_or_more(columns: Sequence[int], one: int, two: int) -> tuple[int, int]:
    """The fewest and the most households with three or more that ``columns`` leave room for.

    Where no number of them fits, the fewest is above the most.
    """
    most = (sum(columns) - one - 2 * two) // 3
    # More rows of three or more only make room, so from the fewest on all of them fit.
    return bisect_left(range(most + 1), True, key=lambda number: fits(columns, one, two, number)), most
