"""The kinds of alert, in the words of an officer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pipelines.emit.pages.words import day
from schemas.sections import CASE_REF_PATTERN

MOVED, BB_NEAR, BB_PASSED = "moved_to_relief", "bb_limit_near", "bb_limit_passed"
DAY_56, DAY_57, REVIEW = "day_56_near", "day_57_passed", "review_due"
BLOCKED, RECOVERED, DEADLINE = "return_blocked", "return_recovered", "deadline_near"

KINDS: dict[str, tuple[str, str]] = {
    BB_PASSED: (
        "Families in bed and breakfast for more than six weeks",
        "More than six weeks since {day}",
    ),
    BB_NEAR: ("Families about to reach six weeks in bed and breakfast", "Six weeks on {day}"),
    DAY_57: (
        "Duties past their 56th day",
        "{subject}, day 57 was {day}",
    ),
    DAY_56: ("Duties about to reach their 56th day", "{subject}, day 56 is {day}"),
    REVIEW: ("Reviews due and not decided", "{subject}, due on {day}"),
    MOVED: ("Cases that moved from the prevention duty to the relief duty", "Moved on {day}"),
    BLOCKED: (
        "The return is blocked",
        "The return for {subject} cannot be submitted yet: the run as at {day} did not write it. See its findings",
    ),
    RECOVERED: (
        "The return is written again",
        "Nothing blocks the return for {subject} any more: the run as at {day} wrote it",
    ),
    DEADLINE: ("The deadline is near", "The return for {subject} is to be submitted by {day}"),
}
"""Title of each kind and the sentence about one alert, the most urgent kind first."""

OF_THE_RETURN = frozenset({BLOCKED, RECOVERED, DEADLINE})

_SUBJECTS = {"prevention": "Prevention", "relief": "Relief"}
_REFERENCE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9/_.-]{0,39}")
# A row that has shifted brings a date of birth or a National Insurance number into any column.
_NO_REFERENCE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[A-Za-z]{2}[0-9]{6}[A-Da-d]?")


@dataclass(frozen=True)
class Alert:
    """One thing that one officer or team is told.

    ``subject``: the duty, review or return that it is about; ``about_on``: the day that it speaks of.
    """

    alert_id: str
    kind: str
    subject: str
    about_on: date
    case_ref: str | None = None
    your_reference: str | None = None
    officer: str | None = None
    team: str | None = None

    @property
    def sentence(self) -> str:
        """What is said of it below the title of its kind, with references and a day only."""
        said = self.subject
        if self.kind not in OF_THE_RETURN:
            said = _SUBJECTS.get(said, said[:1].upper() + said[1:])
        words = KINDS[self.kind][1].format(subject=said, day=day(self.about_on))
        return f"{words}." if self.case_ref is None else f"{self.references}: {words[:1].lower()}{words[1:]}."

    @property
    def references(self) -> str:
        """The council's own reference, where it is one beyond doubt, and that of the return."""
        own = self.your_reference
        return f"{own} ({self.case_ref})" if own and is_reference(own) else f"{self.case_ref}"


def is_reference(text: str) -> bool:
    """Whether a text of the data can only be a reference: no name, address, date or National Insurance number."""
    return bool(_REFERENCE.fullmatch(text)) and not _NO_REFERENCE.fullmatch(text)


def is_case_ref(text: str | None) -> bool:
    """Whether it is a reference of the return's form."""
    return text is not None and re.fullmatch(CASE_REF_PATTERN, text) is not None
