"""The output folder of a quarter: it appears whole or not at all, and a stopped run leaves the old one as it was."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from pipelines.errors import UsageError

OWN_ENTRIES = frozenset(
    {"return", "findings", "tables", "metrics", "ledger.json", "reference_map.csv", "published.csv"}
)
SUPERSEDED = "return.superseded"
# A path object folds the two slashes of an address into one; a drive has one letter only.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def refuse_address(path: Path, what: str) -> None:
    """Refuse a database address where a file or folder is meant: it may hold a password, which a path would keep.

    Raises:
        UsageError: it is an address. The sentence does not repeat it.
    """
    if _ADDRESS.match(str(path)):
        raise UsageError(f"The {what} is a path. A database address is not accepted here.")


class OutputFolder:
    """``OUT/<authority>/<quarter>/``, written beside and then put in place by renaming."""

    def __init__(self, out: Path, authority: str, quarter: str) -> None:
        self.final = out / authority / quarter
        self.work = out / authority / f".{quarter}.new"
        self._old = out / authority / f".{quarter}.old"

    def begin(self) -> Path:
        """Clear what a stopped run left and make the empty working folder.

        Raises:
            UsageError: the folder cannot be written, or is an address.
        """
        refuse_address(self.final, "output folder")
        try:
            self._recover()
            shutil.rmtree(self.work, ignore_errors=True)
            self.work.mkdir(parents=True)
        except OSError:
            raise UsageError(f"The output folder {self.final.parent} cannot be written.") from None
        return self.work

    def discard(self) -> None:
        """Take away the working folder of a run that could not end: it may hold personal data."""
        shutil.rmtree(self.work, ignore_errors=True)

    def _recover(self) -> None:
        if self._old.exists():
            if self.final.exists():
                shutil.rmtree(self._old)
            else:
                self._old.rename(self.final)

    def keep_superseded(self) -> bool:
        """For a blocked run: carry an older return over to ``return.superseded/``. True if there was one."""
        older = self.final / "return"
        if not older.is_dir():
            return False
        shutil.copytree(older, self.work / SUPERSEDED)
        return True

    def commit(self) -> Path:
        """Put the working folder in place. Entries that hclic did not write are kept."""
        if self.final.exists():
            for entry in self.final.iterdir():
                if entry.name not in OWN_ENTRIES and not (self.work / entry.name).exists():
                    if entry.is_dir():
                        shutil.copytree(entry, self.work / entry.name)
                    else:
                        shutil.copy2(entry, self.work / entry.name)
            self.final.rename(self._old)
        self.work.rename(self.final)
        shutil.rmtree(self._old, ignore_errors=True)
        return self.final
