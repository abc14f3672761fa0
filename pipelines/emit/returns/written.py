"""What the writer hands to the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipelines.emit.returns.problems import Problem


@dataclass(frozen=True)
class ReturnFiles:
    """What was written. ``problems``: values that could not be written; each of them blocks the return."""

    case: Path
    personal: Path | None
    count_cases: int
    count_refused: int
    """People left out of the personal-data file because they refused that personal data be sent."""
    is_provisional: bool
    problems: tuple[Problem, ...] = field(default=())

    @property
    def by_kind(self) -> dict[str, Path]:
        """The files by kind, ``case`` first."""
        return {"case": self.case} | ({"personal": self.personal} if self.personal is not None else {})
