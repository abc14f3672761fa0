"""What the return's own checks find."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a written return. Carries case references, element names and counts; never a value."""

    kind: str
    """``value``, ``schema``, ``schematron``, ``recount`` or ``not run``."""
    message: str
    case_ref: str | None = None
    element: str | None = None
    rule: str | None = None
    blocks: bool = True

    def __str__(self) -> str:
        where = ", ".join(
            text
            for text in (
                f"case {self.case_ref}" if self.case_ref else "",
                self.element or "",
                f"rule {self.rule}" if self.rule else "",
            )
            if text
        )
        return f"{where}: {self.message}" if where else self.message
