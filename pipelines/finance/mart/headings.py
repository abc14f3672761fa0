"""The columns of the mart in words: what stands above them in a workbook and beside them everywhere else."""

from __future__ import annotations

_NAMED = {
    "is_family": "Family (children or pregnant)",
    "limit_days": "Days allowed",
    "passes_limit_on": "Over the limit on",
    "is_over_limit": "Over the limit",
    "label": "Label",
    "ta_type": "Type (code)",
    "ta_type_label": "Type of temporary accommodation",
    "nights_without_rate": "Nights without a rate",
    "recoverable": "Recoverable at most",
    "gross_known": "Gross, nights with a rate",
    "recoverable_known": "Recoverable, nights with a cap",
    "decision": "Decision (code)",
    "decision_label": "Decision",
    "days_to_date": "Days so far",
    "outcome": "Outcome (code)",
    "outcome_label": "Outcome",
    "accommodation_la": "Accommodation: authority",
    "detail": "Detail (code)",
    "assess_date": "Day of the decision on the duty owed",
    "assess1": "Initial assessment (code)",
    "assess1_label": "Initial assessment",
    "duty_at_assessment": "Duty owed at assessment",
    "case_closed_date": "Day closed",
    "is_legacy": "Older case or without history",
    "lastaccom": "Last settled accommodation",
    "currentaccom": "Accommodation when applying",
    "reasonloss": "Main reason (code)",
    "reasonloss_label": "Main reason for loss of last settled home",
    "has_dependent_children": "Dependent children",
    "has_pregnant_member": "Pregnant member",
    "count_dependent_children": "Number of dependent children",
    "count_adults": "Number of adults",
    "is_dependent": "Dependent child",
    "is_under_18": "Under 18",
    "rate": "Recorded charge a night",
    "charge": "Charge",
    "nights_to_date": "Nights so far",
    "taduty": "Duty or power (code)",
    "taduty_group": "Duty or power",
    "ta_la": "District of the accommodation",
    "self_contained": "Self-contained",
    "lha_area": "Broad rental market area",
    "review_requested_date": "Requested on",
    "review_due_date": "Due on",
    "review_outcome_date": "Decided on",
    "count_placements": "Number of placements",
}
"""Columns whose heading is not their name."""

_PARTS = {
    "ta": "temporary accommodation",
    "bb": "bed and breakfast",
    "la": "authority",
    "no": "number",
    "key": "(pseudonym)",
}
"""What stands for a part of a technical name."""


def in_words(column: str) -> str:
    """The heading of a column: ``reasonloss`` is "Main reason (code)", ``exit_date`` is "Exit date"."""
    if column in _NAMED:
        return _NAMED[column]
    words = [_PARTS.get(word, word) for word in column.split("_")]
    text = " ".join(words[1:] if words[0] == "is" else words)
    return text[:1].upper() + text[1:]
