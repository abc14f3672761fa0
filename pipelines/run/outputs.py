"""The output folder of a quarter: it appears whole or not at all, and a stopped run leaves the old one as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipelines.errors import HclicError, UsageError
from pipelines.paths import refuse_address
from pipelines.run.database import OUTPUTS
from pipelines.run.lock import alone_in
from pipelines.run.request import Request
from pipelines.run.revision import numbered
from pipelines.swap import exchange, lay_down

SNAPSHOT = "export"
"""Folder of the work folder: what was read from a database, before the run that reads it begins."""
OWN_ENTRIES = frozenset(
    {"return", "findings", "tables", "metrics", "worklists", "ledger.json", "reference_map.csv", "published.csv"}
)
SUPERSEDED = "return.superseded"
PLACING = "placing"
"""File of the work folder while outputs are put in place: their ledger, by which they are known again."""
PRIVATE_FOLDER = 0o700


class OutputFolder:
    """``OUT/<authority>/<quarter>/``, written in a work folder beside it and then put in its place at once.

    Where system and disk can let two folders change places, who looks there finds the whole older or the whole newer
    one at any moment. Where they cannot (Windows, most network shares) the older is renamed first, and for the time of
    two renames there is none.

    That of a revision is called ``<quarter>-revision-<n>``.

    The work folder also holds the run database, so it is private; the outputs in it get the modes of the outputs.
    """

    def __init__(self, out: Path, authority: str, quarter: str) -> None:
        self.final = out / authority / quarter
        self.work = out / authority / f".{quarter}.new"
        self.outputs = self.work / OUTPUTS
        self._old = out / authority / f".{quarter}.old"
        self._placing = self.work / PLACING
        self.is_at_work = False
        """Whether the work folder is there for a run: where it is not, somebody else has taken it away."""
        self.check_held: Callable[[], None] = lambda: None
        """See that the warehouse is still held for the run (``lock.Hold``): who lost it must not write here either."""
        self._made: list[Path] = []

    @classmethod
    def of(cls, request: Request) -> OutputFolder:
        """The output folder of a run: that of a revision beside the one that was signed off, of a part one of its own.

        So a part of a run never takes away, or says anything of, the return and the tables of the quarter.

        Raises:
            UsageError: a revision of a quarter that was never signed off.
        """
        name = numbered(request).folder_name + (f"-{request.only}" if request.only else "")
        return cls(request.out, request.authority, name)

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
        self.is_at_work = True
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
        """End what a run was killed in while it put its outputs in place: they are there, or the older ones are."""
        if self._old.exists():
            if self.final.exists():
                shutil.rmtree(self._old)
            else:
                self._old.rename(self.final)
        if self._placing.is_file():
            if _ledger_of(self.final) == self._placing.read_bytes():
                self._take_over(self.outputs)
            self._placing.unlink()

    def clear_others(self) -> None:
        """Take away what killed runs left of other quarters of the authority: whoever holds the folder is alone."""
        for entry in self.final.parent.glob(".*"):
            if entry in (self.work, self._old) or not entry.is_dir() or entry.suffix not in (".new", ".old"):
                continue
            other = OutputFolder(self.final.parent.parent, self.final.parent.name, entry.stem[1:])
            other.recover()
            other.discard()

    def keep_superseded(self) -> bool:
        """Where no return is written: carry an older one over to ``return.superseded/``. True if there was one."""
        older = self.final / "return"
        if not older.is_dir():
            return False
        shutil.copytree(older, self.outputs / SUPERSEDED)
        return True

    def commit(self) -> Path:
        """Put the outputs in place. Entries that hclic did not write are kept."""
        for entry in self._entries_of_others(self.final):
            if entry.is_dir():
                shutil.copytree(entry, self.outputs / entry.name)
            else:
                shutil.copy2(entry, self.outputs / entry.name)
        # What may be sent, and what says what it is; each file costs a write of the disk's own.
        lay_down(self.outputs / "return", self.outputs / "ledger.json")
        self._placing.write_bytes(_ledger_of(self.outputs) or b"")
        if not self.final.exists():
            self.outputs.rename(self.final)
        elif not exchange(self.outputs, self.final):
            self.final.rename(self._old)
            self.outputs.rename(self.final)
        for older in (self.outputs, self._old):
            self._take_over(older)
        self._placing.unlink()
        return self.final

    def _take_over(self, older: Path) -> None:
        """Take the older folder away, but for what somebody laid into it in the last moment."""
        for entry in self._entries_of_others(older, beside=self.final):
            entry.rename(self.final / entry.name)
        shutil.rmtree(older, ignore_errors=True)

    def _entries_of_others(self, folder: Path, beside: Path | None = None) -> list[Path]:
        """What stands in the folder that hclic did not write, and not in the folder ``beside``, by default the new."""
        if not folder.is_dir():
            return []
        there = beside or self.outputs
        return [e for e in sorted(folder.iterdir()) if e.name not in OWN_ENTRIES and not (there / e.name).exists()]


def clear_elsewhere(left: Path | None, own: OutputFolder) -> None:
    """Take away the work folder of a run that was killed at the same warehouse, and that nobody works in now."""
    if left is None or not left.is_dir() or left.suffix != ".new" or left.resolve() == own.work.resolve():
        return
    with suppress(HclicError), alone_in(left.parent, 0):
        other = OutputFolder(left.parent.parent, left.parent.name, left.stem[1:])
        other.recover()
        other.discard()


def _ledger_of(folder: Path) -> bytes | None:
    try:
        return (folder / "ledger.json").read_bytes()
    except OSError:
        return None
