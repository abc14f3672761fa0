"""The output folder of a quarter: it appears whole or not at all, and a stopped run leaves the old one as it was."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.paths import refuse_address
from pipelines.run.database import OUTPUTS
from pipelines.run.request import Request

SNAPSHOT = "export"
"""Folder of the work folder: what was read from a database, before the run that reads it begins."""
OWN_ENTRIES = frozenset(
    {"return", "findings", "tables", "metrics", "worklists", "ledger.json", "reference_map.csv", "published.csv"}
)
SUPERSEDED = "return.superseded"
PRIVATE_FOLDER = 0o700


class OutputFolder:
    """``OUT/<authority>/<quarter>/``, written in a work folder beside it and then put in place by renaming.

    The work folder also holds the run database, so it is private; the outputs in it get the modes of the outputs.
    """

    def __init__(self, out: Path, authority: str, quarter: str) -> None:
        self.final = out / authority / quarter
        self.work = out / authority / f".{quarter}.new"
        self.outputs = self.work / OUTPUTS
        self._old = out / authority / f".{quarter}.old"
        self._made: list[Path] = []

    @classmethod
    def of(cls, request: Request) -> OutputFolder:
        """The output folder of a run."""
        return cls(request.out, request.authority, str(request.quarter))

    def make_parent(self) -> None:
        """Make the folder above the quarter's.

        Raises:
            UsageError: it cannot be written, or is an address.
        """
        refuse_address(self.final, "output folder")
        parent = self.final.parent
        try:
            self._made += [folder for folder in (parent, parent.parent) if not folder.exists()]
            parent.mkdir(parents=True, exist_ok=True)
            is_in_the_way = self.final.exists() and not self.final.is_dir()
        except OSError:
            raise self._not_written() from None
        if is_in_the_way:
            raise UsageError(
                f"A file stands in the way of the output folder {self.final}. Move it, or give another --out."
            )

    def begin(self) -> Path:
        """Clear what a stopped run left and make the work folder with the empty folder of the outputs.

        What was read from a database stays: it is read before.

        Raises:
            UsageError: the folder cannot be written, or is an address.
        """
        self.make_parent()
        try:
            self.recover()
            for entry in self.work.iterdir() if self.work.is_dir() else ():
                if not entry.name.startswith(SNAPSHOT):
                    shutil.rmtree(entry, ignore_errors=True)
                    entry.unlink(missing_ok=True)
            self.make_work()
            self.outputs.mkdir()
        except OSError:
            raise self._not_written() from None
        return self.work

    def make_work(self) -> Path:
        """Make the work folder, private, where it is not there already."""
        self.work.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        return self.work

    def _not_written(self) -> UsageError:
        return UsageError(f"The output folder {self.final.parent} cannot be written.")

    def discard(self) -> None:
        """Take away the work folder: it holds personal data."""
        shutil.rmtree(self.work, ignore_errors=True)

    def remove_empty_parents(self) -> None:
        """Take away the folders that ``make_parent`` made, where nothing came to stand in them."""
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()

    def recover(self) -> None:
        """Bring back the older outputs where a run was stopped while it put new ones in their place."""
        if self._old.exists():
            if self.final.exists():
                shutil.rmtree(self._old)
            else:
                self._old.rename(self.final)

    def keep_superseded(self) -> bool:
        """Where no return is written: carry an older one over to ``return.superseded/``. True if there was one."""
        older = self.final / "return"
        if not older.is_dir():
            return False
        shutil.copytree(older, self.outputs / SUPERSEDED)
        return True

    def commit(self) -> Path:
        """Put the outputs in place. Entries that hclic did not write are kept."""
        if self.final.exists():
            for entry in self.final.iterdir():
                if entry.name not in OWN_ENTRIES and not (self.outputs / entry.name).exists():
                    if entry.is_dir():
                        shutil.copytree(entry, self.outputs / entry.name)
                    else:
                        shutil.copy2(entry, self.outputs / entry.name)
            self.final.rename(self._old)
        self.outputs.rename(self.final)
        shutil.rmtree(self._old, ignore_errors=True)
        return self.final
