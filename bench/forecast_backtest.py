"""Backtest the forecasts on a panel of published series and report errors and interval coverage by measure.

    python bench/forecast_backtest.py PANEL.csv [--out FILE.md] [--sample N] [--seed S]

PANEL.csv has one row per authority, measure and quarter: la_code, measure, quarter, value (empty where missing or
suppressed). The settings of the forecast are the best on targets up to 2022-Q4 of panel_2018Q2_2024Q4.csv; the headline
is the rest: forecasts made from 2022-Q4 on, and every later quarter that the panel has. Not a blind test: candidates
and weights were compared on 80 authorities with the later scores in view, though not chosen by them. Quarters after
2024-Q4 were never seen.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from pipelines.errors import HclicError, InputError
from pipelines.metrics.forecast import ForecastResult, combine_successors, forecast_series, scores_by_group

LAST_CHOICE = "2022-Q4"
AUTHORITIES = Path(__file__).resolve().parent.parent / "schemas" / "codelists" / "authority.csv"
MINIMUM_OBSERVED = 12
BETWEEN = (0.75, 0.85)


def main(arguments: list[str] | None = None) -> int:
    """Run the backtest; exit status as for the command ``hclic`` (2 called wrongly, 3 panel not readable)."""
    options = parser().parse_args(arguments)
    started = time.perf_counter()
    try:
        whole = read_panel(options.panel)
        panel = sample(whole, options.sample, options.seed)
        if options.write_reference:
            write_reference(panel, options.write_reference)
            return 0
        report, tables = backtest(panel, combine(whole, panel, options.authorities))
    except HclicError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    elapsed = time.perf_counter() - started
    what = f"{options.panel.name}, " + (
        f"{options.sample} series drawn with seed {options.seed}" if options.sample else "all series"
    )
    spent = os.times()
    processor = spent.user + spent.system + spent.children_user + spent.children_system
    text = (
        f"# Backtest of the forecasts\n\n{what}; {elapsed:.0f} seconds in two processes, {processor:.0f} seconds of "
        f"processor time.\n\n{report}"
    )
    print(text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
        for name, table in tables.items():
            table.write_csv(options.out.with_name(f"{options.out.stem}_{name}.csv"))
    return 0


def parser() -> argparse.ArgumentParser:
    """The options, as in the module's text."""
    options = argparse.ArgumentParser(description="Backtest the forecasts on a panel of published series.")
    options.add_argument("panel", type=Path)
    options.add_argument("--out", type=Path, help="write the report here, and its tables beside it as CSV")
    options.add_argument("--sample", type=int, help="only so many series, drawn with the seed")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--authorities", type=Path, default=AUTHORITIES, help="CSV with code and active_code")
    options.add_argument(
        "--write-reference", type=Path, help=f"write what the targets up to {LAST_CHOICE} teach, and stop"
    )
    return options


def read_panel(path: Path) -> pl.DataFrame:
    """One row per authority, measure and quarter: ``la_code, measure, quarter, value``.

    Raises:
        InputError: the file cannot be read as such a table.
    """
    columns = {"la_code": pl.String, "measure": pl.String, "quarter": pl.String, "value": pl.Float64}
    try:
        return pl.read_csv(path, schema_overrides=columns).select(*columns)
    except (OSError, pl.exceptions.PolarsError):
        raise InputError(
            f"The panel {path.name} cannot be read: it needs the columns {', '.join(columns)}, values as plain numbers."
        ) from None


def sample(panel: pl.DataFrame, size: int | None, seed: int) -> pl.DataFrame:
    """All series, or ``size`` of them drawn at random: the same ones for a seed, whatever the order of rows."""
    series = panel.select("la_code", "measure").unique().sort("la_code", "measure")
    if size is None or size >= series.height:
        return panel
    return panel.join(series.sample(size, seed=seed, shuffle=False), on=["la_code", "measure"], how="semi")


def as_history(panel: pl.DataFrame) -> pl.DataFrame:
    """The panel as series to forecast, grouped by measure."""
    return panel.select(
        unique_id=pl.concat_str("measure", "la_code", separator=" "),
        group="measure",
        quarter="quarter",
        value="value",
    )


def write_reference(panel: pl.DataFrame, path: Path) -> None:
    """Write what the earlier quarters teach, for the package to ship."""
    from pipelines.metrics.forecast.reference import learn_reference

    learn_reference(as_history(panel.filter(pl.col("quarter") <= LAST_CHOICE)), steps=6).write_csv(path)


def combine(whole: pl.DataFrame, panel: pl.DataFrame, authorities: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The panel under active codes, and the codes that went into another (``combine_successors``).

    Sums are made on the whole panel, or a sample would pass off the sum of the parts drawn as the whole.

    Raises:
        InputError: the list of authorities cannot be read.
    """
    try:
        mapping = pl.read_csv(authorities, infer_schema=False).select("code", "active_code")
    except (OSError, pl.exceptions.PolarsError):
        raise InputError(
            f"The list {authorities.name} cannot be read: it needs the columns code, active_code."
        ) from None
    combined, merged = combine_successors(whole, mapping)
    drawn = panel.select("la_code", "measure").unique()
    active = drawn.join(mapping, left_on="la_code", right_on="code", how="left").select(
        "measure", la_code=pl.col("active_code").fill_null(pl.col("la_code"))
    )
    return combined.join(active, on=["la_code", "measure"], how="semi"), merged.join(
        drawn, on=["la_code", "measure"], how="semi"
    )


def backtest(
    panel: pl.DataFrame, combination: tuple[pl.DataFrame, pl.DataFrame]
) -> tuple[str, dict[str, pl.DataFrame]]:
    """The report in Markdown, and its tables."""
    combined_panel, merged = combination
    # Spawned, not forked: polars holds threads.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        printed, combined = pool.map(forecast_series, [as_history(panel), as_history(combined_panel)])
    held_out = pl.col("origin") >= LAST_CHOICE
    by_measure = scores_by_group(printed.folds.filter(held_out), printed.evaluation, MINIMUM_OBSERVED)
    earlier = scores_by_group(printed.folds.filter(~held_out), printed.evaluation, MINIMUM_OBSERVED)
    together = scores_by_group(combined.folds.filter(held_out), combined.evaluation, MINIMUM_OBSERVED)
    years = by_year(printed)
    first, last = str(panel["quarter"].min()), str(panel["quarter"].max())
    lines = [
        f"Quarters {first} to {last}; series with at least {MINIMUM_OBSERVED} observed quarters, codes as printed; "
        "constant series counted apart. Four quarters ahead; each series' MASE is scaled by its in-sample "
        "seasonal-naive error up to the origin, and the mean is over series. Coverage is the share of forecast "
        "quarters. No scale: the in-sample seasonal-naive error is 0 at every origin, so the series counts in coverage "
        "only. Every forecast uses nothing later than its origin.",
        verdict(by_measure),
        f"## Held out: forecasts made from {LAST_CHOICE} on",
        markdown(by_measure),
        f"Constant series, counted apart: {constant_line(printed, held_out)}",
        f"## Earlier forecasts (the settings were chosen on targets up to {LAST_CHOICE})",
        markdown(earlier.tail(1)),
        "## By year of the forecast quarter, all measures",
        plain(years),
        "## Held out, merged authorities summed where every part is observed",
        markdown(together.tail(1)),
        "## What is not forecast",
        plain(reasons(printed, "as printed").vstack(reasons(combined, "merged authorities summed"))),
        f"{merged['la_code'].n_unique()} codes went into another; {merged.height} series of theirs are forecast under "
        "the code that covers them now. Every series with its reason is in the tables `series` and `merged`.",
    ]
    tables = {
        "measures": by_measure,
        "series": printed.evaluation,
        "series_combined": combined.evaluation,
        "merged": merged,
    }
    return "\n\n".join(lines) + "\n", tables


def verdict(scores: pl.DataFrame) -> str:
    """Whether the forecasts do what is asked of them, and for which measures they do not."""
    overall, rows = scores.tail(1).row(0, named=True), scores.head(-1)
    if overall["mase"] is None:
        return "No series could be scored."
    gain = 1 - overall["mase"] / overall["seasonal_naive_mase"]
    outside = rows.filter(~pl.col("cover_80").is_between(*BETWEEN))["group"].to_list()
    worse = rows.filter(pl.col("mase") >= pl.col("seasonal_naive_mase"))["group"].to_list()
    return "\n".join(
        [
            f"- Mean MASE {overall['mase']:.3f}, seasonal naive {overall['seasonal_naive_mase']:.3f}: "
            + (f"{gain:.0%} smaller." if gain > 0 else "**not smaller**."),
            f"- No better than seasonal naive for: {', '.join(worse) or 'no measure'}.",
            f"- 80 % intervals cover {overall['cover_80']:.1%}"
            + (", inside 75–85 %." if BETWEEN[0] <= overall["cover_80"] <= BETWEEN[1] else ", **outside 75–85 %**."),
            f"- Outside 75–85 % by measure: {', '.join(outside) or 'none'}.",
        ]
    )


def markdown(scores: pl.DataFrame) -> str:
    """Scores as a table, with what fails named in the last column."""
    lines = [
        "| measure | series | constant | no scale | MASE | seasonal naive | median MASE | median s. naive | better in "
        "| 80 % covers | 95 % covers | fails |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for row in scores.iter_rows(named=True):
        if row["mase"] is None:
            nothing = "|  " * 7
            lines.append(f"| {row['group']} | 0 | {row['constant']} | {row['unscaled']} {nothing}| nothing to score |")
            continue
        fails = []
        if row["mase"] >= row["seasonal_naive_mase"]:
            fails.append("no better than seasonal naive")
        if row["cover_80"] < BETWEEN[0]:
            fails.append("80 % too narrow")
        if row["cover_80"] > BETWEEN[1]:
            fails.append("80 % too wide")
        lines.append(
            f"| {row['group']} | {row['series']} | {row['constant']} | {row['unscaled']} | {row['mase']:.3f} "
            f"| {row['seasonal_naive_mase']:.3f} | {row['median_mase']:.3f} "
            f"| {row['seasonal_naive_median_mase']:.3f} | {row['better']:.0%} | {row['cover_80']:.1%} "
            f"| {row['cover_95']:.1%} | {', '.join(fails)} |"
        )
    return "\n".join(lines)


def constant_line(result: ForecastResult, held_out: pl.Expr) -> str:
    """How many there are and how often their intervals hold."""
    constant = result.evaluation.filter(pl.col("constant") & (pl.col("observed") >= MINIMUM_OBSERVED))
    cells = result.folds.filter(held_out).join(constant.select("unique_id"), on="unique_id", how="semi")
    inside = cells.select(pl.col("actual").is_between("lo_80", "hi_80").mean()).item()
    return f"{constant.height}; 80 % intervals cover " + ("nothing to score." if inside is None else f"{inside:.1%}.")


def by_year(result: ForecastResult) -> pl.DataFrame:
    """Coverage and errors by calendar year of the quarter forecast; series weigh by their forecast quarters."""
    wanted = result.evaluation.filter(~pl.col("constant") & (pl.col("observed") >= MINIMUM_OBSERVED))
    ours, naive = (pl.col("actual") - pl.col("point")).abs(), (pl.col("actual") - pl.col("seasonal_naive")).abs()
    return (
        result.folds.join(wanted.select("unique_id"), on="unique_id", how="semi")
        .group_by(year=pl.col("quarter").str.head(4))
        .agg(
            forecasts=pl.len(),
            error_to_seasonal_naive=(ours.sum() / naive.sum()).round(3),
            cover_80=pl.col("actual").is_between("lo_80", "hi_80").mean().round(3),
            cover_95=pl.col("actual").is_between("lo_95", "hi_95").mean().round(3),
        )
        .sort("year")
    )


def reasons(result: ForecastResult, panel: str) -> pl.DataFrame:
    """Series by what became of them."""
    return (
        result.evaluation.group_by("status")
        .agg(series=pl.len().cast(pl.Int64))
        .sort("status")
        .select(panel=pl.lit(panel), status="status", series="series")
    )


def plain(table: pl.DataFrame) -> str:
    """Any table in Markdown."""
    lines = ["| " + " | ".join(table.columns) + " |", "|" + "---|" * table.width]
    return "\n".join(lines + ["| " + " | ".join(str(value) for value in row) + " |" for row in table.iter_rows()])


if __name__ == "__main__":
    sys.exit(main())
