"""What the return's own checks find."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a written return. Carries case references, element names and counts; never a value."""

    kind: str
    """``value``, ``schema`` or ``recount``."""
    message: str
    case_ref: str | None = None
    element: str | None = None
    """Path of the element or attribute, from that of the case."""
    field: str | None = None
    """``section.column`` of what goes into it."""

    def __str__(self) -> str:
        where = ", ".join(
            text
            for text in (
                f"case {self.case_ref}" if self.case_ref else "",
                f"field {self.field}" if self.field else "",
                f"element {self.element}" if self.element else "",
            )
            if text
        )
        return f"{where}: {self.message}" if where else self.message
