"""Prevention before and after an introduction, for sharing: counts as multiples of 5, and none that are few."""

from __future__ import annotations

import polars as pl

from pipelines.disclosure.thresholds import ROUND_TO
from pipelines.shown import PERCENT_BASE


def share(frame: pl.DataFrame) -> pl.DataFrame:
    """The counts of each cause and period as they may be shared; ``note`` says what was done.

    Both counts are rounded to the nearest 5, and rates are then worked out from what is shown. A period in which fewer
    than 20 ended, or in which those prevented or those not prevented round to 0, has none.

    Args:
        frame: one row per cause and period, with ended and prevented.
    """
    ended, prevented = (_rounded(name) for name in ("ended", "prevented"))
    enough = (ended >= PERCENT_BASE) & (prevented > 0) & (prevented < ended)
    return frame.with_columns(
        ended=pl.when(enough).then(ended),
        prevented=pl.when(enough).then(prevented),
        note=pl.when(enough)
        .then(pl.lit(f"rounded to the nearest {ROUND_TO}"))
        .when(pl.col("ended").is_null())
        .then(pl.lit(""))
        .otherwise(pl.lit("too few for sharing")),
    )


def _rounded(name: str) -> pl.Expr:
    return (pl.col(name) + ROUND_TO // 2) // ROUND_TO * ROUND_TO
