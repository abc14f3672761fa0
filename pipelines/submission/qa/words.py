"""What the quality report says in sentences: once, for its pages and its workbooks."""

from __future__ import annotations

from datetime import datetime

from pipelines.period import in_words
from pipelines.settings import Settings
from pipelines.submission.qa.asked import Asked
from pipelines.submission.qa.report import Report
from pipelines.warehouse.sign_offs import LEVELS, STATES
from schemas.sections import SECTIONS

INTERNAL = "Internal: small counts are not hidden. Not for sharing."
BEHIND = "A case stands under every total that counts it."
WHICH_IN_COLUMN = "Where people, needs, placements or reviews are counted, the last column says which."
WHICH_AFTER_MARK = "Where people, needs, placements or reviews are counted, # and which of them follows the case."
ASKED_ABOUT = "One line per total and quarter that it is compared with. The return is not signed off while one is open."
HOW_TO_ANSWER = (
    "Write in the column Explanation, without names or case references, and give the file back: hclic qa --explanations"
    " FILE. Or say it with hclic qa explain."
)
NOTHING_ASKED = "No total changed by so much that it has to be explained."
NOTHING_KNOWN = "Nothing is known of either earlier quarter, so no change can be seen and none is to be explained."
MEASURES = (
    "Labels are in MHCLG’s words where a published table holds the total. Earlier quarters are counted by the same"
    " definitions.",
)


def sources(report: Report) -> list[str]:
    """Where each figure comes from."""
    run = report.returned.run
    many = len(report.returned.digests)
    return [
        f"{report.quarter.words}: counted from {'the file' if many == 1 else f'the {many:,} files'} of the return on"
        f" disk, run {run.run_id}. {'Its digest is that' if many == 1 else 'Their digests are those'} of the run’s"
        " ledger.",
        *(one.words for one in report.compared),
    ]


def standing(report: Report) -> list[str]:
    """How far the return's sign-off has come."""
    said = report.sign_off
    if said is None:
        return [
            "Nobody has checked or signed off this return yet.",
            "Whether the data are fit to publish is answered at sign-off.",
        ]
    when = datetime.fromisoformat(said.said_at).date()
    lines = [f"{STATES[said.state]} by {said.said_by} on {in_words(when)}."]
    if said.why:
        lines.append(f"Reason given: {said.why}")
    if said.levels:
        told = [f"{one.label} {LEVELS[said.levels[one.name]].lower()}" for one in SECTIONS if one.name in said.levels]
        lines.append(f"Level of checking: {', '.join(told)}.")
    if "fit_to_publish" in said.details:
        lines.append(f"Fit to publish, by that answer: {'yes' if said.details['fit_to_publish'] else 'no'}.")
    else:
        lines.append("Whether the data are fit to publish has not been answered yet: that is asked at sign-off.")
    if said.run_id != report.returned.run.run_id:
        lines.append(f"That was said of run {said.run_id}, not of the return counted here.")
    return lines


def nothing_asked(report: Report) -> str:
    """Why no change is to be explained, where none is."""
    is_compared = any(one.counted is not None for one in report.compared)
    return NOTHING_ASKED if is_compared else NOTHING_KNOWN


def still_open(report: Report) -> list[str]:
    """What keeps the return from being signed off."""
    lines = []
    if report.missing:
        many = len(report.missing)
        lines.append(
            f"{many:,} {'change is' if many == 1 else 'changes are'} still to be explained before the return can be"
            " signed off."
        )
    elif report.asked:
        many = len(report.asked)
        lines.append(
            f"{'The one change' if many == 1 else f'All {many:,} changes'} that had to be explained"
            f" {'is' if many == 1 else 'are'} explained."
        )
    else:
        lines.append(nothing_asked(report))
    if report.broken:
        many = len(report.broken)
        lines.append(
            f"{many:,} {'check does' if many == 1 else 'checks do'} not hold: parts do not add up to their total. Give"
            " this report to who looks after hclic; the return cannot be signed off."
        )
    return lines


def thresholds(settings: Settings) -> list[str]:
    """By how much a total has to change."""
    share, least = settings.qa_change_share, settings.qa_change_least
    return [
        f"A total is to be explained where it changed by {share:.0%} or more and by {least:,} or more, since the last"
        " quarter or since the same quarter a year before (settings qa_change_share and qa_change_least). Small totals"
        " move by large shares, so both must be passed.",
        "An explanation holds for the two figures that it was given for. When one of them changes, it lapses and is"
        " asked for again.",
    ]


def state_of(one: Asked) -> str:
    """How a question stands."""
    if one.explained is not None:
        when = datetime.fromisoformat(one.explained.said_at).date()
        return f"Explained by {one.explained.said_by or 'somebody'} on {in_words(when)}"
    if one.lapsed is not None:
        return (
            f"To explain again: the explanation given was for {one.lapsed.value:,} beside {one.lapsed.compared_value:,}"
        )
    return "To explain"
