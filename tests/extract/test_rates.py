"""Amounts for a week or month become rates for a night, and rates that cannot be nightly are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.extract import Extracted, extract
from pipelines.extract.amounts import nightly, nightly_column, parse_rate
from pipelines.extract.parsing import parse_integer, parse_number
from pipelines.extract.rates import A_HANDFUL, LEAST, LEEWAY_OF_A_HANDFUL
from pipelines.findings import WARNING
from schemas.codelists import codelist
from schemas.sources import ProfileError, parse
from schemas.sources.values import PERIODS
from tests.extract.conftest import AS_AT, AUTHORITY
from tests.extract.mapped import CASES, run

Read = Callable[..., Extracted]

PLACED = """
[[table]]
file = "placements"
[table.temporary_accommodation]
case_ref = "Case"
entry_date = "In"
ta_type = "Type"
"""
BOUNDS = [
    (code.code, float(code.extra["nightly_from"]), float(code.extra["nightly_to"]))
    for code in codelist("ta_type").codes.values()
    if code.extra["nightly_from"]
]


def priced(tmp_path: Path, read: Read, source: str, *cells: str, kind: str = "bb") -> Extracted:
    """Placements of one type with these cells under Rent."""
    rows = "\n".join(f'1,2025-10-{number:02},{kind},"{cell}"' for number, cell in enumerate(cells, start=1))
    return run(
        tmp_path,
        read,
        f"{CASES}{PLACED}rate = {source}\n",
        cases="Case,Applied\n1,2025-01-01",
        placements=f"Case,In,Type,Rent\n{rows}",
    )


def rates(found: Extracted) -> list[float | None]:
    """The nightly rates in the order of entry."""
    return found.sections["temporary_accommodation"].sort("entry_date").get_column("rate").to_list()


# ---- amounts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "per", "a_night"),
    [
        (60.0, "night", 60.0),
        (60.004, "night", 60.004),
        (420.0, "week", 60.0),
        (100.0, "week", 14.29),
        (0.07, "fortnight", 0.01),  # half a penny
        (0.06, "fortnight", 0.0),
        (1680.0, "4 weeks", 60.0),
        (1826.25, "month", 60.0),
        (1000.0, "month", 32.85),  # 12,000 / 365.25 = 32.854
        (21915.0, "year", 60.0),
        (-420.0, "week", -60.0),
    ],
)
def test_an_amount_becomes_one_for_a_night_to_the_penny(amount: float, per: str, a_night: float) -> None:
    assert nightly(amount, per) == a_night
    assert pl.select(nightly_column(pl.lit(amount), per)).item() == a_night


@pytest.mark.parametrize("per", PERIODS)
def test_a_rate_in_whole_pence_comes_back_from_its_amount_for_a_period(per: str) -> None:
    for pence in range(1, 20_000, 37):
        assert nightly(round(pence * float(PERIODS[per])) / 100, per) == pence / 100


def test_a_weekly_rent_is_a_seventh_of_it_a_night(tmp_path: Path, read: Read) -> None:
    found = priced(tmp_path, read, '{ column = "Rent", per = "week" }', "420", "£441.00", "GBP 455.00", "")
    assert rates(found) == [60.0, 63.0, 65.0, None]
    assert found.findings.is_empty()


def test_what_a_cell_says_of_its_period_goes_first(tmp_path: Path, read: Read) -> None:
    found = priced(tmp_path, read, '"Rent"', "GBP 420.00 pw", "£1,826.25 pcm", "60", "62 per night")
    assert rates(found) == [60.0, 60.0, 60.0, 62.0]
    assert parse_rate("60 per night", "week") == 60.0
    assert [parse_rate(text, "night") for text in ("420 p.w.", "£420/week", "420 (weekly)", "420 pppn")] == [
        60.0
    ] * 3 + [None]


@pytest.mark.parametrize("text", ["(120.00)", "£(120.00)", "(£120.00)", "120.00-", "-£120", "120.00 CR", "120cr"])
def test_a_credit_is_below_nothing(text: str) -> None:
    assert parse_number(text) == -120.0
    assert parse_integer(text) in (None, -120)


def test_what_may_be_no_credit_is_no_whole_number() -> None:
    assert [parse_integer(text) for text in ("(3)", "3-", "3 CR", "-3", "3.0")] == [None, None, None, -3, 3]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ('{ column = "Rent", per = "weak" }', 'did you mean "week"'),
        ('{ column = "Rent", per = 7 }', '"7" is not known'),
    ],
)
def test_a_period_that_is_none_is_refused(source: str, says: str) -> None:
    with pytest.raises(ProfileError, match=says):
        parse(f"{CASES}{PLACED}rate = {source}\n", "mine")


def test_only_a_rate_is_for_a_period() -> None:
    with pytest.raises(ProfileError, match="not an amount for one night"):
        parse(f'{CASES}age = {{ column = "Age", per = "week" }}\n', "mine")


# ---- rates that cannot be nightly -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "low", "high"), BOUNDS)
def test_no_median_is_within_the_bounds_both_as_a_nightly_and_as_a_weekly_amount(
    kind: str, low: float, high: float
) -> None:
    assert 0 < low < high < 7 * low, kind


@pytest.mark.parametrize(("kind", "low", "high"), BOUNDS)
@pytest.mark.parametrize(
    ("end", "off", "fits"), [("low", 0.0, True), ("low", -0.01, False), ("high", 0.0, True), ("high", 0.01, False)]
)
def test_the_median_rate_of_a_type_is_judged_by_its_bounds(
    tmp_path: Path, read: Read, kind: str, low: float, high: float, end: str, off: float, fits: bool
) -> None:
    median = (low if end == "low" else high) + off
    found = priced(tmp_path, read, '"Rent"', "0.5", "0.5", f"{median:.2f}", "999", "999", kind=kind)
    assert found.findings.get_column("rule_id").to_list() == ([] if fits else ["X-76"])


@pytest.mark.parametrize(("factor", "fits"), [(LEEWAY_OF_A_HANDFUL, True), (LEEWAY_OF_A_HANDFUL + 0.01, False)])
def test_few_placements_may_be_unusual(tmp_path: Path, read: Read, factor: float, fits: bool) -> None:
    _, _, high = BOUNDS[0]
    found = priced(tmp_path, read, '"Rent"', *[f"{high * factor}"] * (A_HANDFUL - 1), kind=BOUNDS[0][0])
    assert found.findings.is_empty() == fits


@pytest.mark.parametrize(
    ("amount", "source", "side", "meant"),
    [
        ("420", '"Rent"', "above", "week"),
        ("1826.25", '"Rent"', "above", "month"),
        ("60", '{ column = "Rent", per = "week" }', "below", "night"),
        ("420", '{ column = "Rent", per = "month" }', "below", "week"),
    ],
)
def test_the_wrong_period_is_told_with_the_one_that_would_fit(
    tmp_path: Path, read: Read, amount: str, source: str, side: str, meant: str
) -> None:
    finding = priced(tmp_path, read, source, *[amount] * A_HANDFUL).findings.row(0, named=True)
    assert (finding["rule_id"], finding["severity"], finding["fields"]) == ("X-76", WARNING, "rate")
    assert finding["message"] == (
        f"placements.csv, column 'Rent': the median rate of 5 placements (B&B or shared annex) is {side} what such"
        f" accommodation costs a night, £25 to £170. As amounts per {meant} they would fit."
    )


def test_fewer_placements_than_make_a_median_are_judged_with_those_of_other_types(tmp_path: Path, read: Read) -> None:
    assert priced(tmp_path / "two", read, '"Rent"', *["1045.50"] * (LEAST - 1)).findings.is_empty()
    rows = "1,2025-10-01,bb,420\n1,2025-10-02,psl,300\n1,2025-10-03,hostel,350"
    found = run(
        tmp_path / "three",
        read,
        f'{CASES}{PLACED}rate = "Rent"\n',
        cases="Case,Applied\n1,2025-01-01",
        placements=f"Case,In,Type,Rent\n{rows}",
    )
    (finding,) = found.findings.to_dicts()
    assert (
        "the median rate of 3 placements (B&B or shared annex, Hostel or refuge, Private sector" in finding["message"]
    )
    assert finding["message"].endswith("£12 to £170. As amounts per week they would fit.")


def test_placements_without_a_rate_or_at_none_are_not_judged(tmp_path: Path, read: Read) -> None:
    assert priced(tmp_path, read, '"Rent"', "", "0", "0.00", "-1").findings.is_empty()


def test_files_of_one_table_are_judged_together(tmp_path: Path, read: Read) -> None:
    profile = f'{CASES}{PLACED.replace("placements", "month*")}rate = "Rent"\n'
    sheets = {f"month{one}": f"Case,In,Type,Rent\n1,2025-10-0{one},bb,420" for one in range(1, 7)}
    found = run(tmp_path, read, profile, cases="Case,Applied\n1,2025-01-01", **sheets)
    assert [one["message"][:36] for one in found.findings.to_dicts()] == ["month*, column 'Rent': the median ra"]


def test_the_sample_has_sane_rates() -> None:
    found = extract(Path("data/sample/native"), "native", authority=AUTHORITY, as_at=AS_AT)
    assert found.findings.filter(pl.col("rule_id") == "X-76").is_empty()


@pytest.mark.parametrize("amount", [424.62, 281.61, 484.47, 0.07])
def test_a_column_of_weekly_rents_is_exact_to_the_penny(amount: float) -> None:
    column = pl.DataFrame({"rent": [amount] * 3}).select(nightly_column(pl.col("rent"), "week")).to_series()
    assert column.to_list() == [round(amount / 7, 2)] * 3
