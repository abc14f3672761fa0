"""Errors that a user can mend: each is one sentence and carries the exit status of design §7."""

from __future__ import annotations


class HclicError(Exception):
    """A sentence for the user, printed without a traceback. Never holds a value from the data."""

    exit_code = 2


class UsageError(HclicError):
    """The command was called wrongly (exit 2)."""

    exit_code = 2


class InputError(HclicError):
    """The input could not be read (exit 3)."""

    exit_code = 3


class OutputError(HclicError):
    """The return failed its own check (exit 4)."""

    exit_code = 4


class PassingError(InputError):
    """A fault that may pass by itself: the same call a little later can succeed (exit 3 where it does not)."""


class HeldError(PassingError):
    """A file or folder in which another run is at work."""


def is_held(error: Exception) -> bool:
    """Whether DuckDB could not open a file because another process, or this one with other rights, has it open."""
    said = ("lock on file", "with a different configuration", "is already attached in")
    return any(words in str(error) for words in said)


def went_away(what: object) -> PassingError:
    """The sentence for a file or folder that was there and is not."""
    return PassingError(f"{what} went away while hclic was at work. Bring it back, or name another, and run again.")


class SurroundingsError(InputError):
    """The machine refused: no room on a disk, too little memory, a folder without rights (exit 3)."""


class StoppedBySignal(BaseException):
    """Somebody told the process to stop. Not an ``Exception``: nothing on the way takes it for a fault."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
