"""How a run stands, in words that head every page, chart and workbook made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.errors import UsageError
from pipelines.period import in_words

CLEAN, BLOCKED, FAILED = "clean", "blocked", "failed"
"""The return is written; findings block it; it failed its own check."""

DRAFT, CHECKED, SIGNED_OFF, SUBMITTED, SUPERSEDED = "draft", "checked", "signed_off", "submitted", "superseded"
"""What a return that was written comes to by what people say of it."""
NO_RETURN = "no_return"
"""Nothing of it: only findings and worklists, or metrics and pages, were asked for."""

_LABELS = {
    NO_RETURN: "No return made",
    DRAFT: "Draft return",
    CHECKED: "Checked return, not signed off",
    SIGNED_OFF: "Return signed off",
    SUBMITTED: "Return submitted",
    SUPERSEDED: "Return superseded by a revision",
}
# A page is read long after it was made: what may have changed since is told of that time.
_SAID = {
    DRAFT: " It was a draft when this was made: nobody had signed it off.",
    CHECKED: " It was checked on {day}; nobody had signed it off when this was made.",
    SIGNED_OFF: " It was signed off on {day}.",
    SUBMITTED: " It was signed off, and submitted on {day}.",
    SUPERSEDED: " It was signed off, and superseded by a revision on {day}.",
}


@dataclass(frozen=True)
class RunState:
    """How a run ended, and why its return was not written if it was not.

    ``result``: ``clean``, ``blocked``, ``failed``; none where a warehouse holds the run without its ledger.
    """

    result: str | None
    blocking: int = 0
    """Findings that block the return."""
    not_run: int = 0
    """Rules that could not be run."""
    sign_off: str | None = None
    """What its return has come to (``draft`` and on, or ``no_return``); none where nobody looked."""
    signed_on: date | None = None
    """The day on which it came to that."""
    is_beside_another: bool = False
    """Whether the return that is signed off for the quarter is that of another run."""

    @property
    def is_shareable(self) -> bool:
        """Whether an edition for sharing may be made of the run: the figures of a blocked one hold known errors."""
        return self.result in (CLEAN, None)

    @property
    def label(self) -> str:
        """The state in a few words, for a chart."""
        return {
            CLEAN: _LABELS.get(self.sign_off or "", "Return written"),
            BLOCKED: "Return blocked: not for sharing",
            FAILED: "Return failed its check: not for sharing",
        }.get(self.result or "", "State of the return not known")

    @property
    def sentence(self) -> str:
        """The state in a sentence, for the head of a page."""
        if self.result == CLEAN:
            return self._clean()
        if self.result == BLOCKED:
            why = " and ".join(
                part
                for part in (
                    _counted(self.blocking, "error", "errors") if self.blocking else "",
                    _counted(self.not_run, "rule that could not be run", "rules that could not be run")
                    if self.not_run
                    else "",
                )
                if part
            )
            verb = "keeps" if self.blocking + self.not_run == 1 else "keep"
            return (
                f"The return of these cases is blocked: {why} {verb} it from being written. The figures come from"
                " cases that still hold what is wrong. Do not share them."
            )
        if self.result == FAILED:
            return (
                "The return of these cases failed its own check and was not written. The figures may be wrong. Do not"
                " share them."
            )
        return "It is not known whether the return of these cases was blocked."

    def _clean(self) -> str:
        said = "No return was made of these cases: it was not asked for. Nothing blocks it."
        if self.sign_off != NO_RETURN:
            said = "The return of these cases was written: nothing blocks it."
            said += _SAID.get(self.sign_off or "", "").format(day=in_words(self.signed_on) if self.signed_on else "")
        if self.is_beside_another:
            said += " Signed off for the quarter is the return of another run: its figures may differ from these."
        return said

    def check_is_shareable(self) -> None:
        """Raise where no edition for sharing may be made.

        Raises:
            UsageError: the run is blocked or failed.
        """
        if not self.is_shareable:
            raise UsageError(f"No edition for sharing is made. {self.sentence}")


def state_in(ledger: Mapping[str, Any] | None) -> RunState:
    """How a run stands by its ledger; not known without one."""
    if not ledger or "result" not in ledger:
        return RunState(None)
    rules, findings = ledger.get("rules", {}), ledger.get("findings", {})
    sign_off = NO_RETURN if ledger.get("only") else None
    return RunState(ledger["result"], findings.get("blocking", 0), len(rules.get("not_run", ())), sign_off)


def _counted(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many}"
