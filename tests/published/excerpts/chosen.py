"""Which areas each excerpt keeps: England, and the authorities that the tests of ``tests/synthesise`` invent."""

from __future__ import annotations

ENGLAND = "E92000001"
THURROCK = "E06000034"
# Quarters that follow each other, and authorities for one caseload over both: Thurrock, Eastbourne, Rutland (the
# smallest), and the largest, Birmingham, where its households in temporary accommodation became a third fewer.
CONTINUED = {
    ("2020-Q2", "2020-Q3"): (THURROCK, "E07000061", "E06000017", "E08000025"),
    ("2024-Q1", "2024-Q2"): (THURROCK, "E07000061", "E06000017"),
    ("2025-Q2", "2025-Q3"): (THURROCK, "E07000061", "E06000017"),
}
ADJACENT = tuple(CONTINUED)
# Middling authorities, each for one workbook, for the run through the commands.
MIDDLING = (THURROCK, "E07000061", "E06000017", "E07000073", "E08000024", "E06000019")

# The largest and smallest, one with tables missing, codes that changed (Barnsley, Sheffield), and Lambeth, whose cells
# of July to September 2025 cannot all hold (synthesis-facts 1.2a).
CHOSEN = {
    "2018-Q2": ("E08000025", "E09000001", "E06000044"),
    "2019-Q1": ("E08000025", "E06000017", "E07000217"),
    "2020-Q2": ("E08000035", "E09000001", "E09000023"),
    "2020-Q3": ("E09000025", "E07000227", "E08000003"),
    "2021-Q4": ("E08000003", "E09000001", "E07000063"),
    "2022-Q3": ("E08000016", "E06000053", "E08000023"),
    "2023-Q3": ("E08000025", "E06000017", "E08000006"),
    "2024-Q1": ("E09000025", "E09000001", "E07000239"),
    "2024-Q2": ("E08000003", "E06000053", "E09000008"),
    "2024-Q4": ("E08000025", "E08000016", "E08000008"),
    "2025-Q2": ("E09000025", "E08000039", "E09000009"),
    "2025-Q3": (
        *("E06000034", "E09000025", "E09000001", "E08000038", "E08000035", "E09000022"),
        *("E09000009", "E06000017", "E07000061", "E06000052", "E08000003", "E09000033"),
    ),
}

# Read, not invented: families of TA1 that TA2 forbids (Barking and Dagenham, Bromley), families in bed and breakfast
# by subtraction (Broxbourne), support needs that no households have together (Merton, Bromley), and a hidden row of 7
# (Brent): synthesis-facts §1.2 and §3.
CONTRADICTORY = {
    "2018-Q2": ("E09000002", "E09000024"),
    "2019-Q1": ("E09000005", "E09000006"),
    "2020-Q2": ("E09000006",),
    "2020-Q3": ("E07000095",),
}

WORKBOOKS = {
    "2018-Q2": "DetailedLA_201806.xlsx",
    "2019-Q1": "DetailedLA_201903_revised.xlsx",
    "2020-Q2": "DetailedLA_202006.ods",
    "2020-Q3": "DetailedLA_202009_REVISED.ods",
    "2021-Q4": "DetailedLA_202112.ods",
    "2022-Q3": "Detailed_LA_202209.ods",
    "2023-Q3": "Detailed_LA_202309_fixed.ods",
    "2024-Q1": "Detailed_LA_202403.xlsx",
    "2024-Q2": "Detailed_LA_202406__republished_2025-02-27.xlsx",
    "2024-Q4": "Detailed_LA_202412.ods",
    "2025-Q2": "Statutory_Homelessness_Detailed_Local_Authority_Data_202506__republished_2026-02-26.xlsx",
}
# Barnsley and Sheffield stand under their old codes in some sheets.
ALSO = {"E08000016": "E08000038", "E08000038": "E08000016", "E08000019": "E08000039", "E08000039": "E08000019"}


def areas_of(number: int, quarter: str) -> list[str]:
    continued = [code for pair, codes in CONTINUED.items() if quarter in pair for code in codes]
    read = CONTRADICTORY.get(quarter, ())
    chosen = {*CHOSEN[quarter], *continued, *read, MIDDLING[number % len(MIDDLING)]}
    return [ENGLAND, *sorted(chosen | {ALSO[code] for code in chosen if code in ALSO})]


AREAS = {name: areas_of(number, quarter) for number, (quarter, name) in enumerate(WORKBOOKS.items(), 1)}
