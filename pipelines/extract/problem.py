"""The form of one kind of trouble with an export."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.findings import ERROR, FIX, WARNING


@dataclass(frozen=True)
class Problem:
    """One kind of trouble with an export, a reference or a waiver."""

    id: str
    severity: str
    scope: str
    message: str
    """Template; ``{place}`` is the file, row and column."""
    action: str
    """What to do about the data, in the words of an officer."""
    local_severity: str | None = None
    """Severity where the field is a local one, which never enters the return."""
    in_profile: str = ""
    """What whoever keeps the source profile can do instead; follows the action in ``findings.csv``."""
    kind: str | None = None
    """What an officer does about it; a warning says it, an error is always to be fixed."""
    why: str = ""
    """What goes wrong otherwise, for somebody who knows no code."""

    def __post_init__(self) -> None:
        """A warning has a kind, and an error no other than its own.

        Raises:
            ValueError: it is not so.
        """
        if self.severity == WARNING and self.kind is None:
            raise ValueError(f"{self.id} is a warning and says no kind.")
        if self.severity == ERROR and self.kind not in (None, FIX):
            raise ValueError(f"{self.id} is an error, so its findings are to be fixed for the return.")

    @property
    def finding_kind(self) -> str:
        """What an officer does about a finding of the kind."""
        return self.kind or FIX

    @property
    def advice(self) -> str:
        """The action as ``findings.csv`` gives it: what the source profile can do follows."""
        return f"{self.action} {self.in_profile}".rstrip()
