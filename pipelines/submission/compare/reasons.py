"""Why something of a return changed: the kinds of reason, and how each is called."""

from __future__ import annotations

LATE = "late case"
WITHDRAWN = "withdrawn"
REKEYED = "re-keyed"
CORRECTED = "corrected value"
RULE = "rule"
CODE = "code"
SOFTWARE = "software"
SETTING = "setting"
MASKING = "masking"
NOT_KNOWN = "not known"

REASONS = {
    LATE: "the case was recorded after the earlier run's export",
    WITHDRAWN: "the case is not in the later run's export any more",
    REKEYED: "the same household stands under one reference in the one run, under another in the other",
    CORRECTED: "the case was changed in the case-management system",
    RULE: "the rule set, a waiver, or what was told of cases to leave out or take in is another",
    CODE: "the same is recorded and read or written as another code",
    SOFTWARE: "the same is recorded and hclic makes something else of it",
    SETTING: "a setting or the return profile is another",
    MASKING: "what is recorded happened after the quarter, and is hidden or shown accordingly",
    NOT_KNOWN: "none of these was found",
}
"""Each kind of reason and what it says, in the order in which they are told."""


def joined(found: set[str]) -> str:
    """Several reasons as one text, in their order."""
    return "; ".join(one for one in REASONS if one in found)
