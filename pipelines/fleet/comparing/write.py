"""What ``hclic fleet compare`` does: the authorities gathered, one edition of their comparison, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.authority import authority_name, check_authority
from pipelines.disclosure.edition import Figure
from pipelines.errors import UsageError
from pipelines.fleet.comparing import definitions
from pipelines.fleet.comparing.figures import Compared, compare
from pipelines.fleet.comparing.gather import Gathered, NotThere, gather
from pipelines.fleet.comparing.outside import read_outside
from pipelines.fleet.comparing.page import page
from pipelines.fleet.held import authorities_of, parts_of
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.state import RunState
from pipelines.warehouse.released import save
from pipelines.warehouse.store import Warehouse
from pipelines.whole import into
from schemas.codelists import codelist

AUTHORITIES = {
    "la_code": pl.String(),
    "authority": pl.String(),
    "region": pl.String(),
    "run_id": pl.String(),
    "as_at": pl.Date(),
    "result": pl.String(),
    "state": pl.String(),
    "is_compared": pl.Boolean(),
    "why": pl.String(),
}
"""One row per authority that was asked for: its run, how that stands, whether it is compared, and why it is not."""


@dataclass(frozen=True)
class Choice:
    """What was asked for. Without ``authorities`` all that have a run of the quarter."""

    warehouse: Place
    quarter: Quarter
    out: Path
    authorities: tuple[str, ...] = ()
    internal: bool = False
    published: Path | None = None
    projections: Path | None = None


@dataclass(frozen=True)
class Done:
    """What was written, and sentences for the user."""

    paths: tuple[Path, ...]
    lines: tuple[str, ...]


def write(choice: Choice, *, made: datetime, software_version: str) -> Done:
    """Write the comparison to ``out/fleet/<quarter>``; an edition for sharing is remembered before it is written.

    Raises:
        UsageError: an authority is not known, or there are too few to be compared; or the folder cannot be written.
        InputError: the warehouse or a file cannot be read; or, for sharing, the warehouse cannot be written.
    """
    codes = sorted({check_authority(code) for code in choice.authorities}) or authorities_of(choice.warehouse)
    found, missing = gather(choice.warehouse, codes, choice.quarter, for_sharing=not choice.internal)
    if not choice.internal:
        missing += [NotThere(one.run.la_code, one.state.sentence) for one in found if not one.state.is_shareable]
        found = [one for one in found if one.state.is_shareable]
    if len(found) < 2 and choice.internal:
        raise UsageError(
            f"There is nothing to compare: {len(found) or 'no'} authority of those named has a run of {choice.quarter}"
            " that has ended."
        )
    outside = read_outside(found, choice.quarter, published=choice.published, projections=choice.projections)
    compared = compare(found, choice.quarter, outside, internal=choice.internal)
    authorities = _authorities(found, missing)
    text = page(compared, authorities, choice.quarter, software_version=software_version, made=made)
    if not choice.internal:
        _remember(choice.warehouse, found, choice.quarter, made, compared.released)
    folder = choice.out / "fleet" / str(choice.quarter)
    end = "_internal" if choice.internal else ""
    frames = {
        f"compare{end}.csv": _figures(compared, choice.quarter),
        f"compare_measures{end}.csv": _measures(compared, choice.quarter),
        f"compare_authorities{end}.csv": authorities,
    }
    try:
        with into(folder) as new:
            for name, frame in frames.items():
                frame.write_csv(new / name)
            (new / f"compare{end}.html").write_text(text, encoding="utf-8")
    except OSError:
        raise UsageError(f"The comparison cannot be written in {folder}.") from None
    lines = [f"{len(found)} authorities compared for {choice.quarter} ({choice.quarter.words})."]
    lines += [f"Not compared: {authority_name(one.la_code)} ({one.la_code}). {one.why}" for one in missing]
    without = [code for code in (one.run.la_code for one in found) if code not in outside.households]
    if without:
        lines.append(
            f"Households in the area are not known of {len(without)} of them, and they have no rates per 1,000"
            " households: give MHCLG's workbook of the quarter with --published, or a file with --projections."
        )
    if compared.left_out:
        lines.append(f"{compared.left_out} counts are left out, because they could be worked out from the others.")
    return Done(tuple(folder / name for name in (*frames, f"compare{end}.html")), tuple(lines))


def _remember(
    warehouse: Place,
    found: Sequence[Gathered],
    quarter: Quarter,
    made: datetime,
    figures: Mapping[str, Mapping[Figure, int]],
) -> None:
    """Keep what is printed in the warehouse of each authority, so that it is printed again and nothing beside it."""
    runs = {one.run.la_code: one.run for one in found}
    for place, codes in parts_of(warehouse, list(runs)):
        with Warehouse(place) as store, store.transaction():
            for code in codes:
                save(store.connection, code, quarter, runs[code].run_id, made, figures.get(code, {}))


def _authorities(found: Sequence[Gathered], missing: Sequence[NotThere]) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = []
    for one in found:
        run, state = one.run, one.state
        said = (run.run_id, run.as_at, state.result, _label(state), True, "")
        rows.append((run.la_code, *_area(run.la_code), *said))
    rows += [(one.la_code, *_area(one.la_code), None, None, None, None, False, one.why) for one in missing]
    return pl.DataFrame(rows, schema=AUTHORITIES, orient="row").sort("la_code")


def _label(state: RunState) -> str:
    return f"{state.label}; another run is signed off" if state.is_beside_another else state.label


def _area(code: str) -> tuple[str, str]:
    return authority_name(code), codelist("authority").codes[code].extra["region"] or ""


def _figures(compared: Compared, quarter: Quarter) -> pl.DataFrame:
    """One row per authority and measure, as it is written."""
    codes = compared.figures["la_code"].to_list()
    labels = {one.name: one.label for one in definitions.measures()}
    return compared.figures.with_columns(
        quarter=pl.lit(str(quarter)),
        authority=pl.Series([authority_name(code) for code in codes], dtype=pl.String()),
        label=pl.col("measure").replace_strict(labels, return_dtype=pl.String()),
        edition=pl.lit("internal" if compared.internal else "shareable"),
    ).select(
        *("quarter", "la_code", "authority", "measure", "subject", "label", "unit", "numerator", "denominator"),
        *("value", "lower", "upper", "in_funnel", "note", "edition"),
    )


def _measures(compared: Compared, quarter: Quarter) -> pl.DataFrame:
    """One row per measure, as it is written."""
    return compared.measures.with_columns(
        quarter=pl.lit(str(quarter)), edition=pl.lit("internal" if compared.internal else "shareable")
    ).select(
        *("quarter", "measure", "subject", "unit", "authorities", "numerator", "denominator", "value"),
        *("lower_quartile", "median", "upper_quartile", "published_england", "edition"),
    )
