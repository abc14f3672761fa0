"""Rules on section 8: placements in temporary accommodation."""

from __future__ import annotations

import polars as pl

from schemas.rules._rule import ERROR, FIX, TIDY, WARNING, Known, RuleBook
from schemas.rules._why import FUTURE
from schemas.sections import SECTION

rules = RuleBook("temporary_accommodation")

col = pl.col

# £ a night; beyond it a rate is more likely a week's or a month's.
HIGHEST_RATE = 1000

# What only a placement in real accommodation has (local fields).
OF_A_PROPERTY = ("site", "landlord", "rate", "invoice_number")

# ---- dates ----------------------------------------------------------------------------------------------------------


@rules.row(
    "L-26a",
    "entry_date exit_date",
    "The household left the placement before it entered.",
    action="Correct the entry or the exit date; the same day is allowed.",
    why="Nobody leaves before they arrive. Nights and households in temporary accommodation are counted from these two days.",
    severity=ERROR,
    source="3.3 L-26 [S4c]",
    confidence="stated",
    passes=[{"entry_date": "2025-10-06", "exit_date": "2025-10-06"}],
    fails=[{"entry_date": "2025-10-06", "exit_date": "2025-10-05"}],
    nulls=[{"entry_date": "2025-10-06", "exit_date": None}],
)
def left_after_entry(known: Known) -> pl.Expr:
    return col("exit_date") >= col("entry_date")


@rules.row(
    "L-01o",
    "entry_date exit_date",
    "A date of the placement is after the day the export was taken.",
    action="Correct the date, or say on which day the export was really taken; leave the exit blank until the household has left.",
    why=FUTURE,
    severity=ERROR,
    source="3.3 L-01; design 3.7",
    confidence="statute",
    passes=[{"entry_date": "2025-10-06", "exit_date": "2026-01-15"}, {"entry_date": "2026-01-15"}],
    fails=[{"entry_date": "2026-01-16"}, {"entry_date": "2025-10-06", "exit_date": "2026-01-16"}],
    nulls=[{"entry_date": "2025-10-06", "exit_date": None}],
)
def placement_dates_are_not_after_export(known: Known) -> pl.Expr:
    return pl.all_horizontal(col("entry_date", "exit_date") <= known.as_at)


@rules.row(
    "L-26b",
    "entry_date exit_date ta_type ta_la taduty placement_ref site",
    "The same placement is recorded twice.",
    action="Remove one of the two; if the household is split, say which property each of them is.",
    why="One placement entered twice is sent twice, and the costs of its nights are doubled.",
    severity=ERROR,
    source="3.3 L-26 [S4c]",
    confidence="stated",
    rows=True,
    passes=[
        [
            {"entry_date": "2025-10-06", "exit_date": "2025-10-20", "ta_type": "bb"},
            {"entry_date": "2025-10-06", "exit_date": "2025-10-21", "ta_type": "bb"},
        ],
        [{"entry_date": "2025-10-06", "ta_type": "bb"}, {"entry_date": "2025-10-07", "ta_type": "bb"}],
        [{"entry_date": "2025-10-06", "ta_type": "bb"}, {"entry_date": "2025-10-06", "ta_type": "hostel"}],
        [
            {"entry_date": "2025-10-06", "ta_type": "bb", "placement_ref": "P1"},
            {"entry_date": "2025-10-06", "ta_type": "bb", "placement_ref": "P2"},
        ],
    ],
    fails=[
        [
            {"entry_date": "2025-10-06", "exit_date": "2025-10-20", "ta_type": "bb"},
            {"entry_date": "2025-10-06", "exit_date": "2025-10-20", "ta_type": "bb"},
        ],
        [{"entry_date": "2025-10-06", "ta_type": "bb"}, {"entry_date": "2025-10-06", "ta_type": "bb"}],
    ],
    nulls=[[{"entry_date": None}, {"entry_date": None}]],
)
def placements_differ(known: Known) -> pl.Expr:
    section = SECTION["temporary_accommodation"]
    is_twice = pl.struct([name for name in section.names if name != "placement_no"]).is_duplicated()
    return ~is_twice | col("entry_date").is_null()


# ---- what must be there ---------------------------------------------------------------------------------------------


@rules.row(
    "H-100",
    "exit_date exit_reason",
    "The household left the placement but the reason is not recorded.",
    action="Enter why the household left.",
    why="The return asks why a household left. Left blank, nobody knows whether it found a home.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.8.3 [R]",
    confidence="recalled",
    passes=[{"exit_date": "2025-12-01", "exit_reason": "moved_ta"}],
    fails=[{"exit_date": "2025-12-01", "exit_reason": None}],
    nulls=[{"exit_date": None, "exit_reason": None}],
)
def exit_has_reason(known: Known) -> pl.Expr:
    return col("exit_date").is_null() | col("exit_reason").is_not_null()


@rules.row(
    "H-101",
    "exit_reason exit_date",
    "A reason for leaving is given, but the household has not left.",
    action="Enter the exit date, or remove the reason; an open placement counts as occupied.",
    why="Without the day of leaving, the household counts as still in temporary accommodation on the last day of the quarter.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.8.3 [R]",
    confidence="recalled",
    passes=[{"exit_date": "2025-12-01", "exit_reason": "left"}],
    fails=[{"exit_date": None, "exit_reason": "left"}],
    nulls=[{"exit_date": None, "exit_reason": None}],
)
def reason_has_exit(known: Known) -> pl.Expr:
    return col("exit_reason").is_null() | col("exit_date").is_not_null()


@rules.row(
    "H-102",
    "entry_date taduty",
    "The duty or power under which the accommodation is provided is not recorded.",
    action="Enter the section of the Act; without it the household counts as 'Duty not classifiable'.",
    why="Households in temporary accommodation are counted by the duty or power under which they are there. Left blank it counts as 'Duty not classifiable'.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.8 TADUTY [S3]; 2.8.1 [T TA3]",
    confidence="stated",
    passes=[{"entry_date": "2025-10-06", "taduty": "s188_1"}],
    fails=[{"entry_date": "2025-10-06", "taduty": None}, {"entry_date": "2025-10-06", "taduty": "nk"}],
    nulls=[{"entry_date": None, "taduty": None}],
)
def duty_is_recorded(known: Known) -> pl.Expr:
    return col("entry_date").is_null() | (col("taduty") != "nk").fill_null(False)


@rules.row(
    "H-103",
    "entry_date ta_la",
    "The district of the placement is not recorded.",
    action="Enter the authority in whose district the accommodation lies.",
    why="The published figures show how many households are placed outside the district. Without the district this one cannot be told.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.8 ta_la [T TA9]",
    confidence="proposed",
    passes=[{"entry_date": "2025-10-06", "ta_la": "E06000034"}],
    fails=[{"entry_date": "2025-10-06", "ta_la": None}, {"entry_date": "2025-10-06", "ta_la": "nk"}],
    nulls=[{"entry_date": None, "ta_la": None}],
)
def district_is_recorded(known: Known) -> pl.Expr:
    return col("entry_date").is_null() | (col("ta_la") != "nk").fill_null(False)


@rules.row(
    "H-104",
    "ta_la",
    "The placement is outside England.",
    action="Check the authority; placements in Wales, Scotland and Northern Ireland count in the total and in no region.",
    why="Some councils have sent a wrong district so. If it is right, the household counts in the total and in no region.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.8 ta_la [T TA9 n.5]; 2.10 Out of district [P]",
    confidence="label",
    passes=[{"ta_la": "E09000025"}, {"ta_la": "nk"}],
    fails=[{"ta_la": "W06000015"}],
    nulls=[{"ta_la": None}],
)
def placement_is_in_england(known: Known) -> pl.Expr:
    return ~col("ta_la").str.contains("^[WSN]")


# ---- local fields ---------------------------------------------------------------------------------------------------


@rules.row(
    "N-10a",
    "ta_type site landlord rate invoice_number",
    "Own arrangements are recorded with a property, a landlord or a charge.",
    action="Choose the type of accommodation that is provided, or remove the property; own arrangements are outside the stock.",
    why="Own arrangements mean that the council provides no accommodation, and such households are left out of the total. A property or a charge says that it does.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-10 [T TA1]",
    confidence="label",
    passes=[{"ta_type": "own"}, {"ta_type": "bb", "landlord": "A landlord", "rate": 60.0}],
    fails=[{"ta_type": "own", "rate": 60.0}, {"ta_type": "own", "landlord": "A landlord"}],
    nulls=[{"ta_type": None, "rate": 60.0}, {"ta_type": "own", "rate": None}],
)
def own_arrangements_have_no_property(known: Known) -> pl.Expr:
    return (col("ta_type") != "own") | pl.all_horizontal(col(*OF_A_PROPERTY).is_null())


@rules.row(
    "H-105",
    "rate",
    "The nightly charge is not above nothing, or is above 1,000 pounds.",
    action="Enter the charge in pounds a night; divide a weekly charge by seven.",
    why="The charge is not sent, but the cost of temporary accommodation is worked out from it. One for a week or a month would be multiplied by the nights.",
    severity=WARNING,
    finding_kind=TIDY,
    source="local field rate",
    confidence="proposed",
    passes=[{"rate": 60.0}, {"rate": 1000.0}],
    fails=[{"rate": 0.0}, {"rate": 1000.01}],
    nulls=[{"rate": None}],
)
def rate_is_plausible(known: Known) -> pl.Expr:
    return (col("rate") > 0) & (col("rate") <= HIGHEST_RATE)


@rules.row(
    "H-106",
    "bedrooms",
    "The number of bedrooms is negative or above ten.",
    action="Correct the number of bedrooms; a room in shared accommodation has one.",
    why="The bedrooms are not sent, but local figures use them. An impossible number distorts every average.",
    severity=WARNING,
    finding_kind=TIDY,
    source="local field bedrooms",
    confidence="proposed",
    passes=[{"bedrooms": 0}, {"bedrooms": 3}],
    fails=[{"bedrooms": -1}, {"bedrooms": 33}],
    nulls=[{"bedrooms": None}],
)
def bedrooms_are_plausible(known: Known) -> pl.Expr:
    return col("bedrooms").is_between(0, 10)


@rules.row(
    "H-108",
    "ta_type self_contained",
    "The placement is shared accommodation, but its type is nightly paid and self-contained.",
    action="Check the type: nightly paid accommodation with a shared kitchen or bathroom counts as bed and breakfast.",
    why="Nightly paid accommodation with a shared kitchen or bathroom counts as bed and breakfast, to which the limit of six weeks applies.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.8.2 [T TA9_TATYPE n.5]",
    confidence="label",
    passes=[{"ta_type": "nightly", "self_contained": True}, {"ta_type": "bb", "self_contained": False}],
    fails=[{"ta_type": "nightly", "self_contained": False}],
    nulls=[{"ta_type": "nightly", "self_contained": None}],
)
def nightly_is_self_contained(known: Known) -> pl.Expr:
    return (col("ta_type") != "nightly") | col("self_contained")


rules.not_decidable(
    "L-16",
    "entry_date ta_la",
    "A placement out of district needs a notice to the host authority within 14 days.",
    action="Send the notice and keep it on the file.",
    why="The council that places a household in another district must tell the council there within 14 days (section 208).",
    source="3.3 L-16 [L s208]",
    confidence="statute",
    note="No field of the return holds the notice.",
)
