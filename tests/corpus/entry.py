"""One line of the corpus."""

from __future__ import annotations

from dataclasses import dataclass

from tests.corpus.edits import Fault


@dataclass(frozen=True)
class Entry:
    """A broken input, and what a user must be told of it."""

    id: str
    fault: Fault
    status: int
    """Exit status: 0 clean, 1 findings block, 2 wrongly called, 3 unreadable, 4 the return failed its check."""
    words: tuple[str, ...] = ()
    """Pieces that stand on the screen, in any order."""
    command: str = "check"
    both: bool = False
    """Ask the other command too: it must end with the same status. Done anyway where the input is refused."""
    unsaid: tuple[str, ...] = ()
    """Pieces that must not stand on the screen."""
    pending: str | None = None
    """What is still to be mended, by its place in the program."""
