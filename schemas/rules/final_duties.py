"""Rules on section 6: the decision after relief and the main duty."""

from __future__ import annotations

import polars as pl

from schemas.rules._codes import OFFER_ACCEPTED, PRIORITY_NEED, PRIVATE_RENTED, SOCIAL_RENTED
from schemas.rules._rule import ERROR, FIX, TIDY, WARNING, Known, RuleBook
from schemas.rules._why import FUTURE, NO_DAY, NO_REASON

rules = RuleBook("final_duties")

col = pl.col

# ---- dates ----------------------------------------------------------------------------------------------------------


@rules.row(
    "L-01i",
    "main_decision_date main_duty_end",
    "The main duty ends before the day of the decision.",
    action="Correct the decision date or the end of the main duty; the duty starts on the day of the decision.",
    why="The main duty begins with the decision and cannot end before it. The day of its end decides in which quarter the outcome is counted.",
    severity=ERROR,
    source="3.3 L-01 [L s193]; 2.10 Main duty [P]",
    confidence="statute",
    passes=[{"main_decision_date": "2025-10-06", "main_duty_end": "2025-10-06"}],
    fails=[{"main_decision_date": "2025-10-06", "main_duty_end": "2025-10-05"}],
    nulls=[{"main_decision_date": "2025-10-06", "main_duty_end": None}],
)
def main_duty_ends_after_decision(known: Known) -> pl.Expr:
    return col("main_duty_end") >= col("main_decision_date")


@rules.row(
    "L-01j",
    "main_decision_date main_duty_end",
    "A date of the main duty is after the day the export was taken.",
    action="Correct the date, or say on which day the export was really taken.",
    why=FUTURE,
    severity=ERROR,
    source="3.3 L-01; design 3.7",
    confidence="statute",
    passes=[
        {"main_decision_date": "2026-01-15"},
        {"main_decision_date": "2025-10-06", "main_duty_end": "2026-01-15"},
    ],
    fails=[{"main_decision_date": "2026-01-16"}, {"main_decision_date": "2025-10-06", "main_duty_end": "2026-01-16"}],
    nulls=[{"main_decision_date": "2026-01-15", "main_duty_end": None}],
)
def main_duty_dates_are_not_after_export(known: Known) -> pl.Expr:
    return pl.all_horizontal(col("main_decision_date", "main_duty_end") <= known.as_at)


@rules.row(
    "H-82",
    "main_decision_date main_decision_notified_date",
    "The household was notified of the decision before it was made.",
    action="Correct the day of the decision or of the notification.",
    why="A household is told of a decision once it is made. The day is not sent, but the 21 days for asking for a review begin with it (section 202(3)).",
    severity=WARNING,
    finding_kind=TIDY,
    source="2.6 [I]",
    confidence="inferred",
    passes=[{"main_decision_date": "2025-10-06", "main_decision_notified_date": "2025-10-06"}],
    fails=[{"main_decision_date": "2025-10-06", "main_decision_notified_date": "2025-10-05"}],
    nulls=[{"main_decision_date": "2025-10-06", "main_decision_notified_date": None}],
)
def decision_notified_after_made(known: Known) -> pl.Expr:
    return col("main_decision_notified_date") >= col("main_decision_date")


# ---- the decision ---------------------------------------------------------------------------------------------------


@rules.row(
    "L-10a",
    "main_decision pneed",
    "The main duty was accepted or found intentional, but no priority need is recorded.",
    action="Enter the priority need; both decisions find one, and the published tables count by it.",
    why="Both decisions find that there is a priority need (sections 190 and 193). Households that are owed the main duty are counted by what it is.",
    severity=ERROR,
    source="3.3 L-10 [L s193(1)]; 2.6 PNEED [S3, H MD3]",
    confidence="stated",
    passes=[{"main_decision": "accepted", "pneed": "children"}, {"main_decision": "no_priority_need"}],
    fails=[{"main_decision": "accepted", "pneed": None}, {"main_decision": "intentional", "pneed": None}],
    nulls=[{"main_decision": None, "pneed": None}],
)
def acceptance_has_priority_need(known: Known) -> pl.Expr:
    return ~col("main_decision").is_in(PRIORITY_NEED) | col("pneed").is_not_null()


@rules.row(
    "L-10b",
    "main_decision pneed",
    "A priority need is recorded, but the decision is that there is none.",
    action="Correct the decision, or remove the priority need.",
    why="A household cannot have a priority need and none. Decisions are counted one by one, so this one may be counted on the wrong side.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-10 [L s193(1)]",
    confidence="statute",
    passes=[{"main_decision": "no_priority_need"}, {"main_decision": "no_priority_need", "pneed": "nk"}],
    fails=[{"main_decision": "no_priority_need", "pneed": "mental"}],
    nulls=[{"main_decision": None, "pneed": "mental"}],
)
def no_priority_need_has_none(known: Known) -> pl.Expr:
    return (col("main_decision") != "no_priority_need") | (col("pneed") == "nk")


@rules.row(
    "H-83",
    "main_decision main_duty_end main_duty_outcome",
    "An end of the main duty is recorded, but the duty was never accepted.",
    action="Correct the decision, or remove the end of the main duty.",
    why="Only a duty that was accepted can end. Endings of the main duty are counted, so this one is counted for a duty that nobody owed.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.10 Main duty [P]",
    confidence="proposed",
    passes=[{"main_decision": "accepted", "main_duty_end": "2025-12-01"}, {"main_decision": "intentional"}],
    fails=[
        {"main_decision": "intentional", "main_duty_end": "2025-12-01"},
        {"main_decision": "not_homeless", "main_duty_outcome": "voluntary"},
    ],
    nulls=[{"main_decision": None, "main_duty_end": "2025-12-01"}, {"main_decision": "intentional"}],
)
def only_accepted_duty_ends(known: Known) -> pl.Expr:
    has_end = col("main_duty_end").is_not_null() | col("main_duty_outcome").is_not_null()
    return ~has_end | (col("main_decision") == "accepted")


# ---- how it ended ---------------------------------------------------------------------------------------------------


@rules.row(
    "H-85",
    "main_duty_end main_duty_outcome",
    "The main duty ended but the reason is not recorded.",
    action="Enter why the main duty ended; without it the case counts under 'not known'.",
    why=NO_REASON,
    severity=WARNING,
    finding_kind=FIX,
    source="2.6.3 [H MD2]",
    confidence="proposed",
    passes=[{"main_duty_end": "2025-12-01", "main_duty_outcome": "part6_accepted"}],
    fails=[{"main_duty_end": "2025-12-01", "main_duty_outcome": None}],
    nulls=[{"main_duty_end": None, "main_duty_outcome": None}],
)
def ended_main_duty_has_reason(known: Known) -> pl.Expr:
    return col("main_duty_end").is_null() | col("main_duty_outcome").is_not_null()


@rules.row(
    "H-86",
    "main_duty_outcome main_duty_end",
    "A reason why the main duty ended is given, but not the day.",
    action="Enter the day on which the main duty ended.",
    why=NO_DAY,
    severity=ERROR,
    source="2.6 main_duty_end [I]",
    confidence="proposed",
    passes=[{"main_duty_outcome": "voluntary", "main_duty_end": "2025-12-01"}],
    fails=[{"main_duty_outcome": "voluntary", "main_duty_end": None}],
    nulls=[{"main_duty_outcome": None, "main_duty_end": None}],
)
def main_duty_reason_has_day(known: Known) -> pl.Expr:
    return col("main_duty_outcome").is_null() | col("main_duty_end").is_not_null()


@rules.row(
    "H-87",
    "main_duty_outcome main_accom",
    "An offer ended the main duty, but the accommodation is not recorded.",
    action="Enter the accommodation that was accepted.",
    why="The return asks where a household moved when it accepted an offer. Left blank it counts as not known.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.6 accommodation outcome [R]",
    confidence="recalled",
    passes=[{"main_duty_outcome": "part6_accepted", "main_accom": "srs_council"}, {"main_duty_outcome": "voluntary"}],
    fails=[{"main_duty_outcome": "part6_accepted", "main_accom": None}],
    nulls=[{"main_duty_outcome": None, "main_accom": None}],
)
def accepted_offer_has_accommodation(known: Known) -> pl.Expr:
    return ~col("main_duty_outcome").is_in(OFFER_ACCEPTED) | col("main_accom").is_not_null()


@rules.row(
    "H-88",
    "main_duty_outcome main_accom_la",
    "An offer ended the main duty, but the district of the accommodation is not recorded.",
    action="Enter the authority in whose district the accommodation lies.",
    why="The return asks in which district a household moved when it accepted an offer. Left blank it counts as not known.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.6 accommodation outcome and its LA [R]",
    confidence="recalled",
    passes=[{"main_duty_outcome": "prs_accepted", "main_accom_la": "E06000034"}, {"main_duty_outcome": "voluntary"}],
    fails=[{"main_duty_outcome": "prs_accepted", "main_accom_la": None}],
    nulls=[{"main_duty_outcome": None, "main_accom_la": None}],
)
def accepted_offer_has_district(known: Known) -> pl.Expr:
    return ~col("main_duty_outcome").is_in(OFFER_ACCEPTED) | col("main_accom_la").is_not_null()


@rules.row(
    "H-89",
    "main_duty_outcome main_accom",
    "The accommodation does not go with the kind of offer that was accepted.",
    action="Correct the accommodation or the reason why the main duty ended.",
    why="A social home and a private one end the duty by different offers. One of the two answers is wrong, and endings are counted by offer.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.6.3 [H MD2]",
    confidence="proposed",
    passes=[
        {"main_duty_outcome": "part6_accepted", "main_accom": "srs_rp"},
        {"main_duty_outcome": "prs_accepted", "main_accom": "prs_self"},
    ],
    fails=[
        {"main_duty_outcome": "part6_accepted", "main_accom": "prs_self"},
        {"main_duty_outcome": "prs_accepted", "main_accom": "srs_council"},
    ],
    nulls=[{"main_duty_outcome": "part6_accepted", "main_accom": None}],
)
def accommodation_goes_with_offer(known: Known) -> pl.Expr:
    is_private = col("main_accom").is_in(PRIVATE_RENTED)
    is_social = col("main_accom").is_in(SOCIAL_RENTED)
    part6 = col("main_duty_outcome") == "part6_accepted"
    private_offer = col("main_duty_outcome") == "prs_accepted"
    return ~(part6 & is_private) & ~(private_offer & is_social)
