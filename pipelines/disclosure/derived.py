"""What is worked out once more from rounded counts, so that it tells no more than they do: shares, changes, ranks."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from pipelines.disclosure.thresholds import MEASURED_FROM, ROUND_NIGHTS_TO
from pipelines.proportions import NOT_KNOWN, compared

Work = Callable[[pl.DataFrame], pl.DataFrame]

TOTAL = "all"


def in_turn(*works: Work) -> Work:
    """Several, one after another."""

    def work(frame: pl.DataFrame) -> pl.DataFrame:
        for one in works:
            frame = one(frame)
        return frame

    return work


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    # A part is printed larger than its whole only where one of them has stayed from an earlier edition.
    return pl.when((whole >= MEASURED_FROM) & (part <= whole)).then((part / whole).round(4))


def share_of(column: str, part: str, whole: pl.Expr) -> Work:
    """``column``: a count as a share of ``whole``, as a fraction; empty where the whole is below 10."""
    return lambda frame: frame.with_columns(_share(pl.col(part), whole).alias(column))


def share_of_total(count: str, group: tuple[str, ...], dimension: str) -> Work:
    """``share``: a row's count as a share of that in the group's row that is the total."""
    total = pl.col(count).filter(pl.col(dimension) == TOTAL).first().over(group)
    return lambda frame: frame.with_columns(share=_share(pl.col(count), total))


def changes(frame: pl.DataFrame) -> pl.DataFrame:
    """Applications of each quarter beside those of the quarter a year before, one row per quarter in order."""
    before = pl.col("applications").shift(4)
    change = pl.col("applications") - before
    return frame.with_columns(
        applications_year_before=before,
        change=change,
        change_share=pl.when(before >= MEASURED_FROM).then((change / before).round(4)),
    )


def ranks(frame: pl.DataFrame) -> pl.DataFrame:
    """Share and rank of each main reason in its quarter, and its rank a year before; equal counts share the better."""
    whole = pl.col("count_cases").sum().over("first_day")
    ranked = frame.with_columns(
        share=_share(pl.col("count_cases"), whole),
        rank_no=pl.col("count_cases").rank("min", descending=True).over("first_day").cast(pl.Int64),
    )
    before = ranked.select(
        "reasonloss",
        first_day=pl.col("first_day").dt.offset_by("1y"),
        rank_no_year_before="rank_no",
    )
    joined = ranked.drop("rank_no_year_before", "places_gained").join(
        before, on=["first_day", "reasonloss"], how="left", maintain_order="left"
    )
    placed = joined.with_columns(places_gained=pl.col("rank_no_year_before") - pl.col("rank_no"))
    return placed.sort("first_day", "rank_no", "reasonloss").select(frame.columns)


def characteristics(frame: pl.DataFrame) -> pl.DataFrame:
    """Outcomes by characteristic beside those of everyone else, where both groups are 10 or more."""
    keys = ("duty", "characteristic", "value")
    counts = {tuple(row[:3]): (row[3], row[4]) for row in frame.select(*keys, "ended", "accommodated").rows()}
    known = {key: found for key, found in counts.items() if None not in found}
    columns = ("share", "share_others", "difference", "difference_low", "difference_high")
    rows: list[dict[str, float | None]] = []
    for key in counts:
        duty, name, value = key
        total = known.get((duty, name, TOTAL))
        unknown = counts.get((duty, name, NOT_KNOWN), (0, 0))
        row: dict[str, float | None] = {}
        if key in known and known[key][0] >= MEASURED_FROM and known[key][1] <= known[key][0]:
            row = {"share": round(known[key][1] / known[key][0], 4)}
            if value not in (TOTAL, NOT_KNOWN) and total is not None and None not in unknown:
                others = total[0] - unknown[0] - known[key][0], total[1] - unknown[1] - known[key][1]
                if others[0] >= MEASURED_FROM and 0 <= others[1] <= others[0]:
                    row = compared(known, duty, name, value)
        rows.append({column: row.get(column) for column in columns})
    again = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Float64()))
    return frame.with_columns(again[column] for column in columns)


NIGHTS, MONEY, HOUSEHOLDS = 24, (25, 26), 8
"""Items of the freedom of information answer (``foi_items``) that are no counts, and the one that they rest on."""


def nights(column: pl.Expr) -> pl.Expr:
    """Nights to the nearest 100."""
    return (column + ROUND_NIGHTS_TO / 2).floordiv(ROUND_NIGHTS_TO) * ROUND_NIGHTS_TO


def answer(frame: pl.DataFrame) -> pl.DataFrame:
    """Nights rounded, and money only in months with 10 households or more at the end."""
    households = pl.col("value").filter(pl.col("item_no") == HOUSEHOLDS).first().over("first_day")
    kind = frame.schema["value"]
    return frame.with_columns(
        value=pl.when(pl.col("item_no") == NIGHTS)
        .then(nights(pl.col("value").cast(pl.Float64)).cast(kind))
        .when(pl.col("item_no").is_in(MONEY) & (households < MEASURED_FROM))
        .then(None)
        .otherwise(pl.col("value"))
    )


def amounts(frame: pl.DataFrame, group: str, part: str, nights_column: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """Money by type, where it rests on the nights of 10 households or more; ``all`` in ``part`` is the total.

    Beside a type whose amount is left out, the next smallest goes too, until together they have as many nights: the
    total less the others would be their amount.
    """
    enough = MEASURED_FROM * 30
    keys = frame.select(group, part, nights_column).rows()
    hidden: set[tuple[object, object]] = set()
    by_group: dict[object, list[tuple[int, str]]] = {}
    for of, name, count in keys:
        if name != TOTAL:
            by_group.setdefault(of, []).append((count or 0, name))
        elif (count or 0) < enough:
            hidden.add((of, name))
    for of, parts in by_group.items():
        few: list[str] = []
        together = 0
        for count, name in sorted(parts):
            # One alone, or several of few nights, could be worked out from the total and the others.
            if count >= enough and (not few or (len(few) > 1 and together >= enough)):
                break
            few.append(name)
            together += count
        hidden |= {(of, name) for name in few}
    is_hidden = pl.Series([(of, name) in hidden for of, name, _ in keys], dtype=pl.Boolean)
    return frame.with_columns(pl.when(is_hidden).then(None).otherwise(pl.col(one)).alias(one) for one in columns)
