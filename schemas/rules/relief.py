"""Rules on section 5: the relief duty."""

from __future__ import annotations

import polars as pl

from schemas.rules._codes import NEVER_SECURED
from schemas.rules._rule import CASEWORK, ERROR, FIX, TIDY, WARNING, Known, RuleBook
from schemas.rules._why import END_FIRST, FUTURE, NO_DAY, NO_REASON, NOTIFIED, not_secured

rules = RuleBook("relief")

col = pl.col

IS_SECURED = (col("relief_outcome") == "secured").fill_null(False)

# ---- dates ----------------------------------------------------------------------------------------------------------


@rules.row(
    "L-01f",
    "relief_start relief_end",
    "The relief duty ends before it starts.",
    action="Correct the start or the end of the relief duty; the same day is allowed.",
    why=END_FIRST,
    severity=ERROR,
    source="3.3 L-01 [L s184, s189B]",
    confidence="statute",
    passes=[{"relief_start": "2025-10-06", "relief_end": "2025-10-06"}],
    fails=[{"relief_start": "2025-10-06", "relief_end": "2025-10-05"}],
    nulls=[{"relief_start": "2025-10-06", "relief_end": None}],
)
def relief_ends_after_start(known: Known) -> pl.Expr:
    return col("relief_end") >= col("relief_start")


@rules.row(
    "L-01g",
    "relief_start relief_end",
    "A date of the relief duty is after the day the export was taken.",
    action="Correct the date, or say on which day the export was really taken.",
    why=FUTURE,
    severity=ERROR,
    source="3.3 L-01; design 3.7",
    confidence="statute",
    passes=[{"relief_start": "2025-10-06", "relief_end": "2026-01-15"}, {"relief_start": "2026-01-15"}],
    fails=[{"relief_start": "2025-10-06", "relief_end": "2026-01-16"}, {"relief_start": "2026-01-16"}],
    nulls=[{"relief_start": "2025-10-06", "relief_end": None}],
)
def relief_dates_are_not_after_export(known: Known) -> pl.Expr:
    return pl.all_horizontal(col("relief_start", "relief_end") <= known.as_at)


@rules.row(
    "L-06",
    "relief_start relief_end relief_outcome",
    "Relief is recorded as ended because 56 days elapsed, but the 56th day had not come.",
    action="Correct the dates, or choose the reason why the duty really ended; day 1 is the start.",
    why="The period is 56 days beginning with the day on which the duty began (section 189B(4)), so its last day is 55 days after the first. An earlier ending has another reason, or a wrong date.",
    severity=ERROR,
    source="3.3 L-06 [L s189B(4), (7)(b)]",
    confidence="statute",
    # 6 October is day 1, 30 November is day 56
    passes=[
        {"relief_start": "2025-10-06", "relief_end": "2025-11-30", "relief_outcome": "elapsed_56"},
        {"relief_start": "2025-10-06", "relief_end": "2025-10-20", "relief_outcome": "secured"},
    ],
    fails=[{"relief_start": "2025-10-06", "relief_end": "2025-11-29", "relief_outcome": "elapsed_56"}],
    nulls=[{"relief_start": "2025-10-06", "relief_end": None, "relief_outcome": "elapsed_56"}],
)
def elapsed_after_56_days(known: Known) -> pl.Expr:
    days = (col("relief_end") - col("relief_start")).dt.total_days()
    return (col("relief_outcome") != "elapsed_56") | (days >= 55)


@rules.row(
    "L-07",
    "relief_start relief_end",
    "The relief duty has been open for more than 56 days.",
    action="Decide what duty is owed next, or record the ending. The duty goes on by law where there is no priority need, where the household is homeless intentionally, and until the authority has decided.",
    why="For a household in priority need that is not homeless intentionally, relief ends by law after 56 days, and the council decides on the main duty (section 189B(4)). Until then the household does not know what it is owed.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-07 [L s189B(4), (7)(b)]; 3.5",
    confidence="statute",
    # 31 December - 56 days = 5 November
    passes=[{"relief_start": "2025-11-06"}, {"relief_start": "2025-01-06", "relief_end": "2025-12-31"}],
    fails=[{"relief_start": "2025-11-05"}, {"relief_start": "2025-01-06", "relief_end": "2026-01-01"}],
    nulls=[{"relief_start": None, "relief_end": None}],
)
def open_relief_is_recent(known: Known) -> pl.Expr:
    is_open = col("relief_end").is_null() | (col("relief_end") > known.last_day)
    days = (pl.lit(known.last_day) - col("relief_start")).dt.total_days()
    return ~is_open | (days < 56)


# ---- how it ended ---------------------------------------------------------------------------------------------------


@rules.row(
    "H-70",
    "relief_end relief_outcome",
    "The relief duty ended but the reason is not recorded.",
    action="Enter why the relief duty ended; without it the case counts under 'not known'.",
    why=NO_REASON,
    severity=WARNING,
    finding_kind=FIX,
    source="2.5 relief_outcome [H R1]",
    confidence="proposed",
    passes=[{"relief_end": "2025-12-01", "relief_outcome": "elapsed_56"}],
    fails=[{"relief_end": "2025-12-01", "relief_outcome": None}],
    nulls=[{"relief_end": None, "relief_outcome": None}],
)
def ended_relief_has_reason(known: Known) -> pl.Expr:
    return col("relief_end").is_null() | col("relief_outcome").is_not_null()


@rules.row(
    "H-71",
    "relief_outcome relief_end",
    "A reason why relief ended is given, but not the day.",
    action="Enter the day on which the relief duty ended.",
    why=NO_DAY,
    severity=ERROR,
    source="2.5 relief_end [R]",
    confidence="recalled",
    passes=[{"relief_outcome": "secured", "relief_end": "2025-12-01"}],
    fails=[{"relief_outcome": "secured", "relief_end": None}],
    nulls=[{"relief_outcome": None, "relief_end": None}],
)
def relief_reason_has_day(known: Known) -> pl.Expr:
    return col("relief_outcome").is_null() | col("relief_end").is_not_null()


def _only_when_secured(rule_id: str, column: str, what: str, value: str, source: str) -> None:
    """Something that only accommodation secured can have."""

    @rules.row(
        rule_id,
        f"relief_outcome {column}",
        f"{what} given, but relief did not end with accommodation secured.",
        action="Remove it, or correct the reason why relief ended.",
        why="It is counted where relief ended with a home, and only there. Here none was secured.",
        severity=ERROR,
        source=source,
        confidence="label",
        passes=[{"relief_outcome": "secured", column: value}, {"relief_outcome": "contact_lost", column: "nk"}],
        fails=[{"relief_outcome": "elapsed_56", column: value}, {"relief_outcome": None, column: value}],
        nulls=[{"relief_outcome": "elapsed_56", column: None}],
    )
    def only_when_secured(known: Known) -> pl.Expr:
        return (col(column) == "nk") | IS_SECURED


_only_when_secured(
    "N-05c", "relief_activity", "A main relief activity is", "supported_housing", "3.2 N-05 [T R3 title]"
)
_only_when_secured(
    "N-05d", "relief_accom", "An accommodation secured at the end of relief is", "prs_self", "3.2 N-05 [T R2 title]"
)
_only_when_secured(
    "N-05e", "relief_accom_la", "A district of the accommodation secured is", "E06000034", "3.2 N-05 [T R4 title]"
)


def _recorded_when_secured(rule_id: str, column: str, what: str, value: str, source: str) -> None:
    """Something that is asked for once accommodation is secured."""

    @rules.row(
        rule_id,
        f"relief_outcome {column}",
        f"Relief ended with accommodation secured, but {what} is not recorded.",
        action=f"Enter {what}.",
        why="The published figures show what home relief secured, where, and through what. Left blank it counts as not known.",
        severity=WARNING,
        finding_kind=FIX,
        source=source,
        confidence="proposed",
        passes=[{"relief_outcome": "secured", column: value}, {"relief_outcome": "elapsed_56", column: None}],
        fails=[{"relief_outcome": "secured", column: None}],
        nulls=[{"relief_outcome": None, column: None}],
    )
    def recorded_when_secured(known: Known) -> pl.Expr:
        return ~IS_SECURED | col(column).is_not_null()


_recorded_when_secured("H-72", "relief_accom", "the accommodation", "prs_self", "2.5 relief_accom [T R2]")
_recorded_when_secured("H-73", "relief_activity", "the main relief activity", "none", "2.5.2 [T R3]")
_recorded_when_secured("H-75", "relief_accom_la", "the district of the accommodation", "E06000034", "2.5 [T R4]")


@rules.row(
    "H-76",
    "relief_outcome relief_accom",
    "Relief ended with accommodation secured, but in a place that is no accommodation secured.",
    action="Correct the accommodation, or the reason why relief ended.",
    why=not_secured("section 189B(7)(a)"),
    severity=WARNING,
    finding_kind=FIX,
    source="2.4.3 [T R2]",
    confidence="label",
    passes=[{"relief_outcome": "secured", "relief_accom": "srs_supported"}],
    fails=[{"relief_outcome": "secured", "relief_accom": "ta"}],
    nulls=[{"relief_outcome": "secured", "relief_accom": None}],
)
def relief_secured_is_a_home(known: Known) -> pl.Expr:
    return ~IS_SECURED | ~col("relief_accom").is_in(NEVER_SECURED)


@rules.row(
    "H-77",
    "relief_outcome referred_la",
    "A local connection referral was accepted, but not by which authority.",
    action="Enter the authority that accepted the referral.",
    why="Relief that ended by a referral is counted as such. The return asks which council took the household over.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.5 referred_la [R]",
    confidence="recalled",
    passes=[{"relief_outcome": "local_connection", "referred_la": "E09000025"}, {"relief_outcome": "secured"}],
    fails=[{"relief_outcome": "local_connection", "referred_la": None}],
    nulls=[{"relief_outcome": None, "referred_la": None}],
)
def accepted_referral_names_authority(known: Known) -> pl.Expr:
    return (col("relief_outcome") != "local_connection") | col("referred_la").is_not_null()


@rules.row(
    "H-78",
    "relief_outcome referred_la",
    "An authority that accepted a referral is named, but relief did not end by one.",
    action="Remove the authority, or correct the reason why relief ended.",
    why="Only a referral that was accepted has a council that accepted it. As it stands, the reason for the ending and the council contradict each other.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.5 referred_la [R]",
    confidence="recalled",
    passes=[{"relief_outcome": "local_connection", "referred_la": "E09000025"}],
    fails=[{"relief_outcome": "secured", "referred_la": "E09000025"}],
    nulls=[{"relief_outcome": None, "referred_la": "E09000025"}, {"relief_outcome": "secured", "referred_la": None}],
)
def authority_only_with_referral(known: Known) -> pl.Expr:
    return col("referred_la").is_null() | (col("relief_outcome") == "local_connection")


@rules.row(
    "L-15a",
    "referred_la",
    "The authority that accepted the referral is the one that makes the return.",
    action="Enter the authority that the household was referred to.",
    why="A referral goes to another council (section 198). A council cannot refer a household to itself.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-15 [L s198-200]",
    confidence="statute",
    passes=[{"referred_la": "E09000025"}],
    fails=[{"referred_la": "E06000034"}],
    nulls=[{"referred_la": None}],
)
def referred_elsewhere(known: Known) -> pl.Expr:
    return col("referred_la") != known.authority


@rules.row(
    "H-79",
    "relief_start relief_notified_date",
    "The household was notified of the relief duty before the duty started.",
    action="Correct the start of the duty or the day of the notification.",
    why=NOTIFIED,
    severity=WARNING,
    finding_kind=TIDY,
    source="2.5 relief_start [R]",
    confidence="recalled",
    passes=[{"relief_start": "2025-10-06", "relief_notified_date": "2025-10-06"}],
    fails=[{"relief_start": "2025-10-06", "relief_notified_date": "2025-10-05"}],
    nulls=[{"relief_start": "2025-10-06", "relief_notified_date": None}],
)
def relief_notified_after_start(known: Known) -> pl.Expr:
    return col("relief_notified_date") >= col("relief_start")
