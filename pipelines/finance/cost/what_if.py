"""What if: stock and cost of the next twelve months if arrivals, exits or the use of bed and breakfast change.

The stock that all is measured from is the one that is forecast (``metrics.ahead``), so that this table and the forecast
give one figure for a day. What a change adds to it follows from arrivals and exits, type by type and month by month:

- in(type): households that came into the type from outside in a month, on average of the last twelve;
- out(type): the share of the type's households that left it for outside in a month: all leavers over all opening
  stocks of the twelve; moved(type): the same for moves to another type;
- added(m) = added(m-1) + in x (arrivals - 1) - out x (exits - 1) x stock(m-1) - (out + moved) x added(m-1);
- stock(m) = forecast(m) + added(m); nights = mean of opening and closing stock x days of the month;
- cost = nights x the type's gross and net cost a night in the same twelve months.

Where nothing can be forecast the stock stays as it is, and ``stock_model`` says so.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
import polars as pl

from pipelines.shown import rounded

MONTHS = 12


@dataclass(frozen=True)
class Scenario:
    """A change to try. Factors multiply; ``bb_to_leased`` is the share of bed and breakfast nights paid as leased."""

    name: str
    title: str
    arrivals: float = 1.0
    exits: float = 1.0
    bb_to_leased: float = 0.0


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("as forecast", "Arrivals and exits as the forecast expects them"),
    Scenario("arrivals up a tenth", "A tenth more households come in", arrivals=1.1),
    Scenario("exits up a tenth", "A tenth more households leave", exits=1.1),
    Scenario("bed and breakfast to leased", "Bed and breakfast nights are nights in leased homes", bb_to_leased=1.0),
)


@dataclass(frozen=True)
class Ahead:
    """The stock of the coming months that changes are added to.

    ``stock``: households by type at the end of a month, by its first day; ``model``: whose figures they are.
    """

    stock: Mapping[tuple[str, date], float]
    model: str


UNCHANGED = Ahead({}, "no forecast: the stock stays as it is")
"""Used where nothing can be forecast."""


def months_after(day: date, count: int) -> list[date]:
    return [
        date(day.year + (day.month + offset - 1) // 12, (day.month + offset - 1) % 12 + 1, 1)
        for offset in range(1, count + 1)
    ]


def _basis(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, float | None]]:
    """For each type: stock, monthly arrivals, share leaving, gross and net cost a night."""
    rows = con.execute(
        """
        with recent as (
            select stock_month.* from stock_month, metric_window
            where
                stock_month.first_day > metric_window.last_day - interval 12 month
                and stock_month.dimension in ('type', 'all')
        ),

        flows as (
            select
                dimension,
                value as ta_type,
                arg_max(stock, first_day) as stock,
                avg(entries) as entries,
                avg(transfers_in) as transfers_in,
                sum(exits) / nullif(sum(opening_stock), 0) as share_exits,
                sum(transfers_out) / nullif(sum(opening_stock), 0) as share_transfers_out,
            from recent
            group by dimension, value
        ),

        costs as (
            select
                cost_type_month.ta_type,
                if(count(gross) = count(*), sum(gross) / sum(placement_nights), null) as gross,
                if(count(net) = count(*), sum(net) / sum(placement_nights), null) as net,
                sum(placement_nights) as placement_nights,
            from cost_type_month, metric_window
            where cost_type_month.first_day > metric_window.last_day - interval 12 month
            group by cost_type_month.ta_type
        )

        select flows.*, costs.gross, costs.net
        from flows left join costs on flows.ta_type = costs.ta_type
        where flows.dimension = 'type'
        order by flows.ta_type
        """
    )
    names = [column[0] for column in rows.description]
    return {row[1]: dict(zip(names, row, strict=True)) for row in rows.fetchall()}


def _priced(nights: float, rate: float | None) -> Decimal | None:
    return None if rate is None else rounded(Decimal(nights * rate), 2)


def what_if(
    con: duckdb.DuckDBPyConnection, ahead: Ahead = UNCHANGED, scenarios: tuple[Scenario, ...] = SCENARIOS
) -> pl.DataFrame:
    """One row per scenario, coming month and type: stock at its end, nights, gross and net cost (pounds).

    Needs ``stays.build.prepare`` and ``cost.build.prepare``. An amount is null where the type's cost a night is not
    known. Arrivals from outside take the arrivals factor, exits to outside the exits factor; moves between types stay
    as they were. ``ahead`` is the stock of the first scenario.
    """
    row = con.execute("select last_day, basis from metric_window cross join cost_basis").fetchone()
    assert row is not None
    basis = _basis(con)
    rows = []
    for scenario in scenarios:
        now = {ta_type: float(values["stock"] or 0) for ta_type, values in basis.items()}
        stock, added = dict(now), dict.fromkeys(now, 0.0)
        for month in months_after(row[0], MONTHS):
            days = monthrange(month.year, month.month)[1]
            nights = {}
            for ta_type, values in basis.items():
                before, out = stock[ta_type], values["share_exits"] or 0
                more_in = (values["entries"] or 0) * (scenario.arrivals - 1)
                more_out = out * (scenario.exits - 1) * before
                leaves = min(out + (values["share_transfers_out"] or 0), 1)
                added[ta_type] += more_in - more_out - leaves * added[ta_type]
                stock[ta_type] = max(ahead.stock.get((ta_type, month), now[ta_type]) + added[ta_type], 0.0)
                nights[ta_type] = (before + stock[ta_type]) / 2 * days
            for ta_type, count in nights.items():
                priced_as = [(ta_type, 1.0)]
                if ta_type == "bb" and scenario.bb_to_leased:
                    priced_as = [("bb", 1 - scenario.bb_to_leased), ("psl", scenario.bb_to_leased)]
                costs: dict[str, Decimal | None] = {}
                for name in ("gross", "net"):
                    parts = [_priced(count * part, basis.get(key, {}).get(name)) for key, part in priced_as if part]
                    costs[name] = None if None in parts else sum((p for p in parts if p is not None), Decimal(0))
                rows.append(
                    {
                        "scenario": scenario.name,
                        "first_day": month,
                        "ta_type": ta_type,
                        "stock": float(rounded(stock[ta_type], 1)),
                        "nights": int(rounded(count)),
                        **costs,
                        "basis": row[1],
                        "stock_model": ahead.model,
                    }
                )
    schema = {
        "scenario": pl.String(),
        "first_day": pl.Date(),
        "ta_type": pl.String(),
        "stock": pl.Float64(),
        "nights": pl.Int64(),
        "gross": pl.Decimal(18, 2),
        "net": pl.Decimal(18, 2),
        "basis": pl.String(),
        "stock_model": pl.String(),
    }
    return pl.DataFrame(rows, schema=schema)


def what_if_totals(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per scenario: stock at the end, nights, gross and net of the twelve months and their difference from the
    first scenario (pounds); null where a type's amount is."""
    # A typed literal: without any row there is no last day, and nothing equals it.
    last = pl.lit(frame["first_day"].max(), dtype=frame.schema["first_day"])
    totals = frame.group_by("scenario", maintain_order=True).agg(
        stock=pl.col("stock").filter(pl.col("first_day") == last).sum(),
        nights=pl.col("nights").sum(),
        **{
            name: pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).otherwise(None)
            for name in ("gross", "net")
        },
        **{name: pl.col(name).first() for name in ("basis", "stock_model")},
    )
    differences = (pl.col(name).sub(pl.col(name).first()).alias(f"{name}_difference") for name in ("gross", "net"))
    return totals.select("scenario", "stock", "nights", "gross", "net", *differences, "basis", "stock_model")
