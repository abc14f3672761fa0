"""Backtest the forecasts on a panel of published series and report errors and interval coverage by measure.

    python bench/forecast_backtest.py PANEL.csv [--workbook FILE]... [--out FILE.md] [--sample N] [--seed S]

PANEL.csv has one row per authority, measure and quarter: la_code, measure, quarter, value (empty where missing or
suppressed). A published workbook adds its quarter; a quarter between without a workbook stays unknown. Forecasts from
each quarter are made by the newest shipped model that had seen nothing later. The settings were compared on targets of
2022 to 2024; quarters after 2024-Q4 no model had seen, and they were looked at twice (DECISIONS.md, on the drift).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import polars as pl

from pipelines.errors import HclicError, InputError
from pipelines.metrics.forecast import ForecastResult, combine_successors, forecast_series, scores_by_group
from pipelines.metrics.forecast.measures import measures
from pipelines.period import Quarter
from pipelines.published.reader import AUTHORITY_CODE, read_workbook

LAST_CHOICE = "2024-Q4"
AUTHORITIES = Path(__file__).resolve().parent.parent / "schemas" / "codelists" / "authority.csv"
MINIMUM_OBSERVED = 12
BETWEEN = (0.75, 0.85)
CLOSER = 0.05


def main(arguments: list[str] | None = None) -> int:
    """Run the backtest; exit status as for the command ``hclic`` (2 called wrongly, 3 panel not readable)."""
    options = parser().parse_args(arguments)
    try:
        whole = with_workbooks(read_panel(options.panel), options.workbook, options.authorities)
        panel = sample(whole, options.sample, options.seed)
        report, tables = backtest(panel, combine(whole, panel, options.authorities))
    except HclicError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    what = ", ".join([options.panel.name, *(path.name for path in options.workbook)])
    what += f"; {options.sample} series drawn with seed {options.seed}" if options.sample else "; all series"
    spent = os.times()
    text = (
        f"# Backtest of the forecasts\n\nWritten by `python bench/forecast_backtest.py`. {what}; "
        f"{spent.user + spent.system:.0f} seconds of processor time.\n\n{report}"
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
    options.add_argument("--workbook", type=Path, action="append", default=[], help="a later quarter as published")
    options.add_argument("--out", type=Path, help="write the report here, and its tables beside it as CSV")
    options.add_argument("--sample", type=int, help="only so many series, drawn with the seed")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--authorities", type=Path, default=AUTHORITIES, help="CSV with code and active_code")
    return options


def with_workbooks(panel: pl.DataFrame, workbooks: list[Path], authorities: Path) -> pl.DataFrame:
    """The panel and the quarters of published workbooks, under the codes that are in force where there are any.

    Raises:
        InputError: a workbook or the list of authorities cannot be read.
    """
    if not workbooks:
        return panel
    named = measures().select("table", "column_path", name="measure")
    frames = [panel]
    for path in workbooks:
        tidy = read_workbook(path).tidy.filter(
            (pl.col("measure") == "count") & pl.col("la_code").str.contains(f"^{AUTHORITY_CODE.pattern}$")
        )
        frames.append(
            tidy.join(named, on=["table", "column_path"])
            .select("la_code", pl.col("quarter").cast(pl.String), pl.col("value").cast(pl.Float64), measure="name")
            .select(panel.columns)
        )
    renamed = renamed_alone(pl.concat(frames), authorities)
    quarters = sorted(Quarter.parse(text) for text in renamed["quarter"].unique())
    span = [str(quarters[0])]
    while span[-1] < str(quarters[-1]):
        span.append(str(Quarter.parse(span[-1]).shift(1)))
    # A quarter without a workbook: every authority of the next one is there, unknown.
    missing = [quarter for quarter in span if quarter not in set(renamed["quarter"])]
    latest = renamed.filter(pl.col("quarter") == str(quarters[-1])).select("la_code", "measure")
    unknown = latest.join(pl.DataFrame({"quarter": missing}, schema={"quarter": pl.String}), how="cross")
    unknown = unknown.with_columns(value=pl.lit(None, dtype=pl.Float64)).select(panel.columns)
    return pl.concat([renamed, unknown]).sort("la_code", "measure", "quarter")


def renamed_alone(panel: pl.DataFrame, authorities: Path) -> pl.DataFrame:
    """Codes that were merely replaced by another one, for the same authority, under the new one."""
    mapping = read_authorities(authorities).filter(pl.col("code") != pl.col("active_code"))
    alone = mapping.filter(pl.len().over("active_code") == 1)
    seen = set(panel["la_code"].unique())
    alone = alone.filter(pl.col("active_code").is_in(list(seen)))
    return panel.with_columns(pl.col("la_code").replace(dict(alone.select("code", "active_code").iter_rows())))


def read_authorities(path: Path) -> pl.DataFrame:
    """One row per code ever used: ``code, active_code``.

    Raises:
        InputError: the list cannot be read.
    """
    try:
        return pl.read_csv(path, infer_schema=False).select("code", "active_code")
    except (OSError, pl.exceptions.PolarsError):
        raise InputError(f"The list {path.name} cannot be read: it needs the columns code, active_code.") from None


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


def combine(whole: pl.DataFrame, panel: pl.DataFrame, authorities: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The panel under active codes, and the codes that went into another (``combine_successors``).

    Sums are made on the whole panel, or a sample would pass off the sum of the parts drawn as the whole.

    Raises:
        InputError: the list of authorities cannot be read.
    """
    mapping = read_authorities(authorities)
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
    printed, combined = forecast_series(as_history(panel)), forecast_series(as_history(combined_panel))
    unseen, compared = pl.col("quarter") > LAST_CHOICE, pl.col("quarter") <= LAST_CHOICE
    first, last = str(panel["quarter"].min()), str(panel["quarter"].max())
    lines = [
        f"Quarters {first} to {last}; series with at least {MINIMUM_OBSERVED} observed quarters; constant series "
        "counted apart. One to four quarters ahead; each series' MASE is scaled by its in-sample seasonal-naive error "
        "up to the origin, and the mean is over series. Coverage is the share of forecast quarters. No scale: the "
        "in-sample seasonal-naive error is 0 at every origin, so the series counts in coverage only. Every forecast is "
        "made by the newest shipped model that had seen nothing later than its origin, from the series' own past "
        "alone: a series is forecast alike alone and among others, so the coverage of one authority forecast alone is "
        "this coverage.",
    ]
    tables = {"series": printed.evaluation, "merged": merged}
    parts = (
        ("unseen", unseen, f"Targets after {LAST_CHOICE}: no model had seen them"),
        ("compared", compared, f"Targets up to {LAST_CHOICE}, from 2022-Q4: models had not seen them, settings had"),
    )
    for name, wanted, title in parts:
        folds = printed.folds.filter(wanted)
        if folds.is_empty():
            continue
        by_measure = scores_by_group(folds, printed.evaluation, MINIMUM_OBSERVED)
        steps = by_step(folds, printed.evaluation)
        together = scores_by_group(combined.folds.filter(wanted), combined.evaluation, MINIMUM_OBSERVED).tail(1)
        lines += [
            f"## {title}",
            verdict(by_measure, steps),
            "By quarters ahead:",
            markdown(steps, "quarters ahead"),
            "By measure:",
            markdown(by_measure, "measure"),
            "Merged authorities summed where every part is observed:",
            markdown(together, "measure"),
            f"Constant series, counted apart: {constant_line(printed, wanted)}",
        ]
        tables |= {f"{name}_measures": by_measure, f"{name}_steps": steps}
    lines += [
        "## By year of the forecast quarter, all measures",
        plain(by_year(printed)),
        "## What is not forecast",
        plain(reasons(printed, "as printed").vstack(reasons(combined, "merged authorities summed"))),
        f"{merged['la_code'].n_unique()} codes went into another; {merged.height} series of theirs are forecast under "
        "the code that covers them now. Every series with its reason is in the tables `series` and `merged`.",
    ]
    return "\n\n".join(lines) + "\n", tables


def by_step(folds: pl.DataFrame, evaluation: pl.DataFrame) -> pl.DataFrame:
    """One row of scores per quarter ahead, over all measures, and one over all."""
    parts = [
        scores_by_group(folds.filter(pl.col("step") == step), evaluation, MINIMUM_OBSERVED)
        .tail(1)
        .with_columns(group=pl.lit(str(step)))
        for step in sorted(folds["step"].unique())
    ]
    return pl.concat([*parts, scores_by_group(folds, evaluation, MINIMUM_OBSERVED).tail(1)])


def verdict(scores: pl.DataFrame, steps: pl.DataFrame) -> str:
    """Whether the forecasts do what is asked of them, and where they do not."""
    overall, rows = scores.tail(1).row(0, named=True), scores.head(-1)
    if overall["mase"] is None:
        return "No series could be scored."
    gain = 1 - overall["mase"] / overall["last_value_mase"]
    outside = rows.filter(~pl.col("cover_80").is_between(*BETWEEN))["group"].to_list()
    worse = rows.filter(pl.col("mase") >= pl.col("last_value_mase"))["group"].to_list()
    behind = steps.head(-1).filter(pl.col("mase") >= pl.col("last_value_mase"))["group"].to_list()
    return "\n".join(
        [
            f"- Mean MASE {overall['mase']:.3f}, last value {overall['last_value_mase']:.3f}, seasonal naive "
            f"{overall['seasonal_naive_mase']:.3f}: {gain:.1%} under the last value, "
            + (f"at least the {CLOSER:.0%} asked." if gain >= CLOSER else f"**less than the {CLOSER:.0%} asked**."),
            f"- No better than the last value so many quarters ahead: {', '.join(behind) or 'none'}; "
            f"for: {', '.join(worse) or 'no measure'}.",
            f"- 80 % intervals cover {overall['cover_80']:.1%}"
            + (", inside 75–85 %." if BETWEEN[0] <= overall["cover_80"] <= BETWEEN[1] else ", **outside 75–85 %**."),
            f"- Outside 75–85 % by measure: {', '.join(outside) or 'none'}.",
        ]
    )


def markdown(scores: pl.DataFrame, first: str) -> str:
    """Scores as a table, with what fails named in the last column."""
    lines = [
        f"| {first} | series | constant | no scale | MASE | last value | seasonal naive | under last value "
        "| median | median last value | better in | 80 % covers | 95 % covers | fails |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for row in scores.iter_rows(named=True):
        if row["mase"] is None:
            nothing = "|  " * 9
            lines.append(f"| {row['group']} | 0 | {row['constant']} | {row['unscaled']} {nothing}| nothing to score |")
            continue
        fails = []
        if row["mase"] >= row["last_value_mase"]:
            fails.append("no better than the last value")
        if row["cover_80"] < BETWEEN[0]:
            fails.append("80 % too narrow")
        if row["cover_80"] > BETWEEN[1]:
            fails.append("80 % too wide")
        lines.append(
            f"| {row['group']} | {row['series']} | {row['constant']} | {row['unscaled']} | {row['mase']:.3f} "
            f"| {row['last_value_mase']:.3f} | {row['seasonal_naive_mase']:.3f} "
            f"| {1 - row['mase'] / row['last_value_mase']:.1%} "
            f"| {row['median_mase']:.3f} | {row['median_last_value_mase']:.3f} | {row['better']:.0%} "
            f"| {row['cover_80']:.1%} | {row['cover_95']:.1%} | {', '.join(fails)} |"
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
    error = {name: (pl.col("actual") - pl.col(name)).abs().sum() for name in ("point", "last_value", "seasonal_naive")}
    return (
        result.folds.join(wanted.select("unique_id"), on="unique_id", how="semi")
        .group_by(year=pl.col("quarter").str.head(4))
        .agg(
            forecasts=pl.len(),
            error_to_last_value=(error["point"] / error["last_value"]).round(3),
            error_to_seasonal_naive=(error["point"] / error["seasonal_naive"]).round(3),
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
