"""Rules on section 4: the prevention duty."""

from __future__ import annotations

import polars as pl

from schemas.rules._codes import NEVER_SECURED, PREVENTION_SECURED
from schemas.rules._rule import CASEWORK, ERROR, FIX, TIDY, WARNING, Known, RuleBook
from schemas.rules._why import END_FIRST, FUTURE, NO_DAY, NO_REASON, NOTIFIED, not_secured

rules = RuleBook("prevention")

col = pl.col

IS_SECURED = col("prevention_outcome").is_in(PREVENTION_SECURED).fill_null(False)

# ---- dates ----------------------------------------------------------------------------------------------------------


@rules.row(
    "L-01c",
    "prevention_start prevention_end",
    "The prevention duty ends before it starts.",
    action="Correct the start or the end of the prevention duty; the same day is allowed.",
    why=END_FIRST,
    severity=ERROR,
    source="3.3 L-01 [L s184, s195]",
    confidence="statute",
    passes=[{"prevention_start": "2025-10-06", "prevention_end": "2025-10-06"}],
    fails=[{"prevention_start": "2025-10-06", "prevention_end": "2025-10-05"}],
    nulls=[{"prevention_start": "2025-10-06", "prevention_end": None}],
)
def prevention_ends_after_start(known: Known) -> pl.Expr:
    return col("prevention_end") >= col("prevention_start")


@rules.row(
    "L-01d",
    "prevention_start prevention_end",
    "A date of the prevention duty is after the day the export was taken.",
    action="Correct the date, or say on which day the export was really taken.",
    why=FUTURE,
    severity=ERROR,
    source="3.3 L-01; design 3.7",
    confidence="statute",
    passes=[{"prevention_start": "2025-10-06", "prevention_end": "2026-01-15"}, {"prevention_start": "2026-01-15"}],
    fails=[{"prevention_start": "2025-10-06", "prevention_end": "2026-01-16"}, {"prevention_start": "2026-01-16"}],
    nulls=[{"prevention_start": "2025-10-06", "prevention_end": None}],
)
def prevention_dates_are_not_after_export(known: Known) -> pl.Expr:
    return pl.all_horizontal(col("prevention_start", "prevention_end") <= known.as_at)


@rules.row(
    "L-03",
    "prevention_start prevention_end prevention_outcome",
    "Prevention is recorded as ended because 56 days expired, but fewer than 56 days had passed.",
    action="Correct the dates, or choose the reason why the duty really ended.",
    why="The council may end this duty for lapse of time only when 56 days have passed since it began (section 195(8)(b)). An earlier ending has another reason, or a wrong date.",
    severity=ERROR,
    source="3.3 L-03 [L s195(8)(b)]",
    confidence="statute",
    # 6 October + 56 days = 1 December
    passes=[
        {"prevention_start": "2025-10-06", "prevention_end": "2025-12-01", "prevention_outcome": "expired_56"},
        {"prevention_start": "2025-10-06", "prevention_end": "2025-10-20", "prevention_outcome": "withdrew"},
    ],
    fails=[{"prevention_start": "2025-10-06", "prevention_end": "2025-11-30", "prevention_outcome": "expired_56"}],
    nulls=[{"prevention_start": "2025-10-06", "prevention_end": None, "prevention_outcome": "expired_56"}],
)
def expired_after_56_days(known: Known) -> pl.Expr:
    days = (col("prevention_end") - col("prevention_start")).dt.total_days()
    return (col("prevention_outcome") != "expired_56") | (days >= 56)


rules.not_decidable(
    "L-04",
    "prevention_outcome prevention_end",
    "Prevention must not end by the expiry of 56 days while a valid notice on the only home is unexpired.",
    action="Check the notice on the file before ending the duty.",
    why="The Act does not let the duty end for lapse of time where a valid notice to leave has been given on the household's only home (section 195(6)).",
    source="3.3 L-04 [L s195(6)]",
    confidence="statute",
    note="No field holds the notice or its expiry.",
)


@rules.row(
    "L-05",
    "prevention_start prevention_end",
    "The prevention duty has been open for more than 56 days.",
    action="Review the case; an open duty is lawful, but end it if it no longer helps the household.",
    why="The duty may go on after 56 days for as long as it helps. A duty that has ended, but whose end nobody entered, looks the same.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-05 [L s195; Code of Guidance 14]; 3.5",
    confidence="statute",
    # 31 December - 56 days = 5 November
    passes=[{"prevention_start": "2025-11-06"}, {"prevention_start": "2025-01-06", "prevention_end": "2025-12-31"}],
    fails=[{"prevention_start": "2025-11-05"}, {"prevention_start": "2025-01-06", "prevention_end": "2026-01-01"}],
    nulls=[{"prevention_start": None, "prevention_end": None}],
)
def open_prevention_is_recent(known: Known) -> pl.Expr:
    is_open = col("prevention_end").is_null() | (col("prevention_end") > known.last_day)
    days = (pl.lit(known.last_day) - col("prevention_start")).dt.total_days()
    return ~is_open | (days < 56)


# ---- how it ended ---------------------------------------------------------------------------------------------------


@rules.row(
    "H-60",
    "prevention_end prevention_outcome",
    "The prevention duty ended but the reason is not recorded.",
    action="Enter why the prevention duty ended; without it the case counts under 'not known'.",
    why=NO_REASON,
    severity=WARNING,
    finding_kind=FIX,
    source="2.4 prevention outcome 4.6 [S3]; 2.4.1 'no reason reported' [T P1]",
    confidence="stated",
    passes=[{"prevention_end": "2025-12-01", "prevention_outcome": "homeless"}],
    fails=[{"prevention_end": "2025-12-01", "prevention_outcome": None}],
    nulls=[{"prevention_end": None, "prevention_outcome": None}],
)
def ended_prevention_has_reason(known: Known) -> pl.Expr:
    return col("prevention_end").is_null() | col("prevention_outcome").is_not_null()


@rules.row(
    "H-61",
    "prevention_outcome prevention_end",
    "A reason why prevention ended is given, but not the day.",
    action="Enter the day on which the prevention duty ended.",
    why=NO_DAY,
    severity=ERROR,
    source="2.4 prevention_end [S3, S4b]",
    confidence="proposed",
    passes=[{"prevention_outcome": "homeless", "prevention_end": "2025-12-01"}],
    fails=[{"prevention_outcome": "homeless", "prevention_end": None}],
    nulls=[{"prevention_outcome": None, "prevention_end": None}],
)
def prevention_reason_has_day(known: Known) -> pl.Expr:
    return col("prevention_outcome").is_null() | col("prevention_end").is_not_null()


@rules.row(
    "N-05a",
    "prevention_outcome prevention_activity",
    "A main prevention activity is given, but prevention did not end with accommodation secured.",
    action="Remove the activity, or correct the reason why prevention ended.",
    why="The activity says what secured the home, and is counted only where one was secured. Here none was.",
    severity=ERROR,
    source="3.2 N-05 [T P3 title]",
    confidence="label",
    passes=[
        {"prevention_outcome": "secured_existing", "prevention_activity": "dhp"},
        {"prevention_outcome": "homeless", "prevention_activity": "nk"},
    ],
    fails=[
        {"prevention_outcome": "homeless", "prevention_activity": "dhp"},
        {"prevention_outcome": None, "prevention_activity": "dhp"},
    ],
    nulls=[{"prevention_outcome": "homeless", "prevention_activity": None}],
)
def prevention_activity_only_when_secured(known: Known) -> pl.Expr:
    return (col("prevention_activity") == "nk") | IS_SECURED


@rules.row(
    "N-05b",
    "prevention_outcome accom_pr",
    "An accommodation at the end of prevention is given, but prevention ended neither secured nor homeless.",
    action="Remove the accommodation, or correct the reason why prevention ended.",
    why="Where the household lives then is asked where a home was secured or prevention ended homeless. After any other ending it contradicts the reason.",
    severity=ERROR,
    source="3.2 N-05 [T P2 title]; V-02 [S3]",
    confidence="label",
    passes=[
        {"prevention_outcome": "secured_alternative", "accom_pr": "prs_self"},
        {"prevention_outcome": "homeless", "accom_pr": "friends"},
        {"prevention_outcome": "contact_lost", "accom_pr": "nk"},
    ],
    fails=[{"prevention_outcome": "contact_lost", "accom_pr": "prs_self"}, {"accom_pr": "prs_self"}],
    nulls=[{"prevention_outcome": "contact_lost", "accom_pr": None}],
)
def prevention_accommodation_only_when_secured_or_homeless(known: Known) -> pl.Expr:
    is_homeless = (col("prevention_outcome") == "homeless").fill_null(False)
    return (col("accom_pr") == "nk") | IS_SECURED | is_homeless


@rules.row(
    "V-03a",
    "prevention_outcome prevention_accom_la",
    "Alternative accommodation was secured, but not in which district.",
    action="Enter the authority in whose district the accommodation lies.",
    why="DELTA wants the district wherever another home was secured. The published figures show how many households found a home in another district.",
    severity=ERROR,
    source="3.1 V-03 [S3; condition I]",
    confidence="inferred",
    passes=[
        {"prevention_outcome": "secured_alternative", "prevention_accom_la": "E06000034"},
        {"prevention_outcome": "secured_existing"},
    ],
    fails=[{"prevention_outcome": "secured_alternative", "prevention_accom_la": None}],
    nulls=[{"prevention_outcome": None, "prevention_accom_la": None}],
)
def alternative_accommodation_has_district(known: Known) -> pl.Expr:
    return (col("prevention_outcome") != "secured_alternative") | col("prevention_accom_la").is_not_null()


@rules.row(
    "V-03b",
    "prevention_outcome prevention_accom_la",
    "A district of alternative accommodation is given, but none was secured.",
    action="Remove the district, or correct the reason why prevention ended.",
    why="DELTA wants the district only where another home was secured, and refuses it otherwise.",
    severity=ERROR,
    source="3.1 V-03 [S3; condition I]; 3.2 N-05 [T P4 title]",
    confidence="inferred",
    passes=[{"prevention_outcome": "secured_alternative", "prevention_accom_la": "E06000034"}],
    fails=[
        {"prevention_outcome": "secured_existing", "prevention_accom_la": "E06000034"},
        {"prevention_outcome": None, "prevention_accom_la": "E06000034"},
    ],
    nulls=[{"prevention_outcome": "homeless", "prevention_accom_la": None}],
)
def district_only_with_alternative_accommodation(known: Known) -> pl.Expr:
    is_alternative = (col("prevention_outcome") == "secured_alternative").fill_null(False)
    return col("prevention_accom_la").is_null() | is_alternative


@rules.row(
    "H-62",
    "prevention_outcome accom_pr",
    "Prevention ended secured or homeless, but the accommodation then is not recorded.",
    action="Enter where the household lived when prevention ended.",
    why="The published figures show what kind of home prevention secured; left blank it counts as not known. Where it ended homeless, DELTA compares the place with the one at application.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.4 ACCOM_PR 4.8 [S3, T P2]",
    confidence="stated",
    passes=[{"prevention_outcome": "secured_existing", "accom_pr": "family"}, {"prevention_outcome": "withdrew"}],
    fails=[
        {"prevention_outcome": "secured_existing", "accom_pr": None},
        {"prevention_outcome": "homeless", "accom_pr": None},
    ],
    nulls=[{"prevention_outcome": None, "accom_pr": None}],
)
def prevention_accommodation_is_recorded(known: Known) -> pl.Expr:
    needs = col("prevention_outcome").is_in([*PREVENTION_SECURED, "homeless"])
    return ~needs | col("accom_pr").is_not_null()


@rules.row(
    "H-63",
    "prevention_outcome prevention_activity",
    "Accommodation was secured, but the main prevention activity is not recorded.",
    action="Enter the activity that secured it; 'No activity' is an answer.",
    why="The published figures show what helped to secure a home. Left blank it counts as not known, and the work of the council is not seen.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.4.2 [T P3]",
    confidence="proposed",
    passes=[{"prevention_outcome": "secured_existing", "prevention_activity": "none"}, {"prevention_outcome": "nk"}],
    fails=[{"prevention_outcome": "secured_existing", "prevention_activity": None}],
    nulls=[{"prevention_outcome": None, "prevention_activity": None}],
)
def prevention_activity_is_recorded(known: Known) -> pl.Expr:
    return ~col("prevention_outcome").is_in(PREVENTION_SECURED) | col("prevention_activity").is_not_null()


@rules.row(
    "H-65",
    "prevention_outcome accom_pr",
    "Prevention ended with accommodation secured, but in a place that is no accommodation secured.",
    action="Correct the accommodation, or the reason why prevention ended.",
    why=not_secured("section 195(8)(a)"),
    severity=WARNING,
    finding_kind=FIX,
    source="2.4.3 [T P2]",
    confidence="label",
    passes=[{"prevention_outcome": "secured_alternative", "accom_pr": "prs_self"}],
    fails=[{"prevention_outcome": "secured_alternative", "accom_pr": "rough_sleeping"}],
    nulls=[{"prevention_outcome": "secured_alternative", "accom_pr": None}],
)
def secured_is_a_home(known: Known) -> pl.Expr:
    return ~IS_SECURED | ~col("accom_pr").is_in(NEVER_SECURED)


@rules.row(
    "H-66",
    "prevention_start prevention_notified_date",
    "The household was notified of the prevention duty before the duty started.",
    action="Correct the start of the duty or the day of the notification.",
    why=NOTIFIED,
    severity=WARNING,
    finding_kind=TIDY,
    source="2.4 prevention_start = decision date [S4b]",
    confidence="proposed",
    passes=[{"prevention_start": "2025-10-06", "prevention_notified_date": "2025-10-06"}],
    fails=[{"prevention_start": "2025-10-06", "prevention_notified_date": "2025-10-05"}],
    nulls=[{"prevention_start": "2025-10-06", "prevention_notified_date": None}],
)
def prevention_notified_after_start(known: Known) -> pl.Expr:
    return col("prevention_notified_date") >= col("prevention_start")


rules.not_decidable(
    "L-08",
    "prevention_outcome relief.relief_outcome",
    "'Secured accommodation' needs a reasonable prospect of at least six months.",
    action="Check the tenancy or the agreement before ending the duty.",
    why="Both duties end with a home only if the household can be expected to stay there for at least six months (sections 195(8)(a) and 189B(7)(a)).",
    source="3.3 L-08 [L s195(8)(a), s189B(7)(a)]",
    confidence="statute",
    note="No field holds how long the accommodation is expected to last.",
)
