"""One change of one span of one file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """``file`` with the characters [``start``, ``end``) replaced by ``new``."""

    file: str
    """Path below the root of the project."""
    line: int
    start: int
    end: int
    old: str
    new: str
    what: str
    """Kind of change, in two or three words."""
    context: str
    """The line as it stands, without its indentation."""

    @property
    def name(self) -> str:
        """File, line and change, as it is printed."""
        return f"{self.file}:{self.line}: {self.what}: {_one_line(self.old)} → {_one_line(self.new) or '(nothing)'}"

    def apply(self, text: str) -> str:
        """The file's text with the change."""
        if text[self.start : self.end] != self.old:
            raise ValueError(f"{self.file} has changed since its mutants were listed.")
        return text[: self.start] + self.new + text[self.end :]


def make(file: str, text: str, start: int, end: int, new: str, what: str) -> Mutant:
    """The mutant that puts ``new`` in the place of a span of ``text``."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    context = text[first : last if last >= 0 else len(text)].strip()
    return Mutant(file, text.count("\n", 0, start) + 1, start, end, text[start:end], new, what, context)


def _one_line(text: str) -> str:
    return " ".join(text.split())
