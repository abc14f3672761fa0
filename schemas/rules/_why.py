"""Why a rule matters, where several rules share the reason. Each stands in the words of somebody who knows no code."""

from __future__ import annotations

FUTURE = "What has not happened yet cannot be on a case. A date to come would put the case into a wrong quarter, or into none."
END_FIRST = "A duty cannot end before it began. The day of its end decides in which quarter the outcome is counted."
BEFORE_APPLIED = (
    "No duty is owed to a household before it has applied. DELTA refuses a case in which the duty comes first."
)
BEFORE_ASSESSED = (
    "The assessment finds which duty is owed, so the duty cannot be older. Day 56 is counted from its start."
)
NOTIFIED = "A household is told of a duty once it is owed. The day is not sent, but the 21 days for asking for a review begin with it (section 202(3))."
NO_REASON = "Endings are counted by their reason. Without one the case is counted as not known, and nobody sees what the council achieved."
NO_DAY = "The day decides in which quarter the ending is counted. Without it the duty is shown as still open."
NOT_ELIGIBLE = "These duties are owed to eligible applicants only (section 185). The case is counted among those owed a duty and, by its eligibility, among those owed none."
OLD_CODE = "The ministry changed the answers over time, most of them on 1 April 2023. An answer from another time is counted in a column that was closed by then or not yet open."
BELONGS = "Every part of the return hangs on a case by its reference. An entry without a case cannot be sent, and what it says is missing where it belongs."


def not_secured(provision: str) -> str:
    """Why a place where nobody stays is no home that ended a duty; ``provision`` says what makes a home one."""
    return f"A duty ends with a home only if the household can be expected to stay for at least six months ({provision}). The place that is recorded gives nobody a home for so long."


def nobody_of_age(ages: str) -> str:
    """Why a support need for an age that nobody in the household has matters."""
    return f"The need is for a person {ages}, and nobody in the household is. Either the person is missing from it, or the need or an age is wrong."
