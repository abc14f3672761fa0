"""Make ``data/sample``: invented households whose tables are Thurrock's published row, with three years of history.

Run from anywhere: ``python data/sample/make_sample.py``. The same workbook and seed give the same bytes.
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from pipelines.extract.layouts import write_layout  # noqa: E402
from pipelines.extract.shaped import SHAPES, by_label, some_cases, write_shape  # noqa: E402
from pipelines.published.reader import read_workbook  # noqa: E402
from pipelines.synthesise import synthesise  # noqa: E402
from pipelines.synthesise.cells import of_interest  # noqa: E402
from pipelines.synthesise.route_words import ROUTES  # noqa: E402
from pipelines.synthesise.routes import make_cases  # noqa: E402
from schemas.sections import SECTIONS  # noqa: E402

WORKBOOK = ROOT / "data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods"
AUTHORITY, NEIGHBOUR = "E06000034", "E06000033"
SEED = 34
FIRST_DAY, BEFORE_QUARTER = date(2022, 7, 1), date(2025, 6, 30)
HISTORY = 360
LEGACY = 4
LAYOUTS = ("native", "jigsaw-style", "civica-style")
MOST_PEOPLE = 12
AREA = "South West Essex"

Sections = dict[str, pl.DataFrame]


def history(first_number: int) -> Sections:
    """Cases that lie before the quarter and so are in none of its cells: every route in turn, nobody still placed."""
    routes = list(ROUTES)
    made = make_cases(
        HISTORY,
        authority=AUTHORITY,
        neighbour=NEIGHBOUR,
        first_day=FIRST_DAY,
        last_day=BEFORE_QUARTER,
        seed=SEED,
        first_number=first_number,
        route_of=lambda index: routes[index % len(routes)],
    )
    placed = made["temporary_accommodation"]
    still_placed = placed.filter(pl.col("exit_date").is_null())["case_ref"].unique().to_list()
    kept = {name: frame.filter(~pl.col("case_ref").is_in(still_placed)) for name, frame in made.items()}
    loaded = kept["final_duties"].filter(pl.col("main_decision") == "accepted")["case_ref"].sort().head(LEGACY)
    is_legacy = pl.when(pl.col("case_ref").is_in(loaded.to_list())).then(True).otherwise("legacy")
    return kept | {"main": kept["main"].with_columns(is_legacy.alias("legacy"))}


def split_placements(sections: Sections, count: int) -> Sections:
    """Give large families a second dwelling at the same time, same type, same district: no cell moves."""
    placed = sections["temporary_accommodation"]
    sizes = sections["people"].group_by("case_ref").len().filter(pl.col("len") >= 5)
    alone = placed.filter(pl.len().over("case_ref") == 1)
    chosen = (
        alone.filter(pl.col("exit_date").is_null() & pl.col("ta_type").is_in(["nightly", "psl", "la_ha"]))
        .join(sizes.select("case_ref"), on="case_ref", how="semi")
        .sort("case_ref")
        .head(count)
        .with_columns(
            pl.lit(2, pl.Int64).alias("placement_no"),
            (pl.col("placement_ref") + "B").alias("placement_ref"),
            (pl.col("invoice_number") + "B").alias("invoice_number"),
        )
    )
    return sections | {"temporary_accommodation": pl.concat([placed, chosen]).sort(["case_ref", "placement_no"])}


def sample() -> Sections:
    """All sections of the sample, each sorted by its key."""
    tidy = of_interest(read_workbook(WORKBOOK).tidy, AUTHORITY)
    made = synthesise([tidy], AUTHORITY, SEED).sections
    past = history(first_number=made["main"].height + 1)
    joined = {s.name: pl.concat([made[s.name], past[s.name]]).sort(list(s.key)) for s in SECTIONS}
    placed = joined["temporary_accommodation"].with_columns(
        pl.when(pl.col("lha_area").is_not_null()).then(pl.lit(AREA)).alias("lha_area")
    )
    return split_placements(joined | {"temporary_accommodation": placed}, 4)


def errors(sections: Sections) -> Sections:
    """Forty cases of the sample, a handful of them spoilt: one kind of error each."""
    refs = sections["relief"].filter(pl.col("relief_outcome") == "elapsed_56")["case_ref"].to_list()[-12:]
    refs += sections["prevention"].filter(pl.col("prevention_outcome").is_not_null())["case_ref"].to_list()[-16:]
    refs += (
        sections["temporary_accommodation"]
        .filter(pl.col("exit_date").is_null() & (pl.col("ta_type") != "own"))["case_ref"]
        .to_list()[-12:]
    )
    chosen = {n: f.filter(pl.col("case_ref").is_in(sorted(set(refs)))) for n, f in sections.items()}
    main, prevention, relief = chosen["main"], chosen["prevention"], chosen["relief"]
    owed = main.filter(pl.col("assess1") == "relief")["case_ref"].to_list()
    ended = prevention.filter(pl.col("prevention_outcome") == "secured_alternative")["case_ref"].to_list()
    elapsed = relief.filter(pl.col("relief_outcome") == "elapsed_56")["case_ref"].to_list()
    placed = chosen["temporary_accommodation"].filter(pl.col("exit_date").is_null())["case_ref"].to_list()

    def spoil(frame: pl.DataFrame, ref: str, **values: pl.Expr) -> pl.DataFrame:
        is_it = pl.col("case_ref") == ref
        return frame.with_columns(
            pl.when(is_it).then(value).otherwise(pl.col(name)).alias(name) for name, value in values.items()
        )

    main = spoil(main, owed[0], assess_date=pl.col("application_date") - pl.duration(days=3))
    main = spoil(main, owed[1], reasonloss=pl.lit("srs"), lastaccom=pl.lit("owner"))
    main = spoil(main, owed[2], referral=pl.lit("no"), referral_body=pl.lit("hospital"))
    main = spoil(main, owed[3], reasonloss=pl.lit(None, pl.String))
    main = spoil(main, owed[4], eligibility=pl.lit("ineligible"))
    prevention = spoil(prevention, ended[0], prevention_end=pl.col("prevention_start") - pl.duration(days=1))
    prevention = spoil(prevention, ended[1], prevention_accom_la=pl.lit(None, pl.String))
    relief = spoil(relief, elapsed[0], relief_end=pl.col("relief_start") + pl.duration(days=10))
    relief = relief.filter(pl.col("case_ref") != owed[5])
    stays = chosen["temporary_accommodation"]
    stays = spoil(stays, placed[0], exit_date=pl.col("entry_date") - pl.duration(days=5))
    stays = pl.concat([stays, stays.filter(pl.col("case_ref") == placed[1])])
    several = chosen["people"].filter(pl.len().over("case_ref") > 1)["case_ref"].to_list()[-1]
    people = chosen["people"].filter((pl.col("case_ref") != several) | (pl.col("relationship") != "main_applicant"))
    twice = chosen["support_needs"].head(1)
    needs = pl.concat([chosen["support_needs"], twice])
    return chosen | {
        "main": main,
        "people": people,
        "support_needs": needs,
        "prevention": prevention,
        "relief": relief,
        "temporary_accommodation": stays,
    }


def write_shapes(made: Sections) -> None:
    """Write some cases in each shape, into the folder ``export`` beside its profile."""
    for shape in SHAPES:
        folder = HERE / "shapes" / shape / "export"
        shutil.rmtree(folder, ignore_errors=True)
        write_shape(some_cases(by_label(made)), shape, folder)


def main() -> None:
    """Write the three layouts, the errors and the exports of each shape beside this script."""
    made = sample()
    largest = made["people"].group_by("case_ref").len()["len"].max()
    if not isinstance(largest, int) or largest > MOST_PEOPLE:
        raise SystemExit("A household has more people than a layout has room for; change the seed.")
    for layout in LAYOUTS:
        shutil.rmtree(HERE / layout, ignore_errors=True)
        write_layout(made, layout, HERE / layout)
    shutil.rmtree(HERE / "errors", ignore_errors=True)
    write_layout(errors(made), "native", HERE / "errors")
    write_shapes(made)


if __name__ == "__main__":
    main()
