"""Forty quarters of one authority: ``python -m bench.soak.run [--quarters 40] [--seed 1] [--kills 0.5]``.

Cases come late and are corrected, runs are killed at any moment and started again, returns are signed off, and earlier
quarters are revised from the cases of the day. After every run its return is counted again from the system's own rows
by ``recount``, which shares no code with ``hclic``. Ends with 1 and says what was lost, twice, other than recorded,
moved or left behind.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from bench.soak import recount
from bench.soak.system import AUTHORITY, System
from tests.faults.forked import Ended, Runs, runs

FIRST_QUARTER = (2018, 2)
FIRST_GUESS = 5.0
"""Seconds of processor time of a command that was not run yet."""
STANDS = "stays as it is"
"""Said of a return that is signed off or submitted already."""
_LEFT = re.compile(r"\.(new|old|part|tmp|wal|in-use|copying|before-migration)$")


def quarters(count: int) -> Iterator[tuple[str, date, date]]:
    """Name, first and last day of each quarter from the first that had a return."""
    year, number = FIRST_QUARTER
    for _ in range(count):
        first = date(year, 3 * number - 2, 1)
        year, number = (year, number + 1) if number < 4 else (year + 1, 1)
        yield f"{first.year}-Q{(first.month + 2) // 3}", first, date(year, 3 * number - 2, 1) - timedelta(days=1)


@dataclass
class Soak:
    """One authority, its system and its folder; ``faults`` is what was found, ``done`` counts what was tried.

    ``took`` and ``used`` are processor time: of a command by its name, a mean; and of all commands.
    """

    server: Runs
    system: System
    folder: Path
    draw: random.Random
    kills: float
    faults: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    signed: dict[Path, str] = field(default_factory=dict)
    took: defaultdict[str, float] = field(default_factory=lambda: defaultdict(lambda: FIRST_GUESS))
    used: float = 0.0

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def warehouse(self) -> Path:
        return self.out / "warehouse.duckdb"

    def count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1

    def hclic(self, day: date, *arguments: str, dies: bool = False) -> Ended:
        """Run a command on a day; ``dies``: it is killed at a random moment, unless it ends before."""
        killed = {"cpu": self.draw.uniform(0.001, self.took[arguments[0]])} if dies else {}
        done = self.server.call(list(arguments), now=f"{day}T02:30", **killed)
        self.used += done.cpu
        if done.is_killed:
            self.count("killed")
        elif not dies:
            self.took[arguments[0]] = 0.7 * self.took[arguments[0]] + 0.3 * done.cpu
        return done

    def certain(self, day: date, *arguments: str) -> str:
        """Run a command that has to end well; its output."""
        done = self.hclic(day, *arguments)
        if done.status:
            self.faults.append(f"{' '.join(arguments[:3])} on {day} ended with {done.status}: {done.errors[-300:]}")
        return done.said

    def recorded(self, day: date, *arguments: str, refused: str = "") -> None:
        """Have something recorded, killed on the way now and then; said again, it may be refused as it stands."""
        is_killed = False
        while self.draw.random() < self.kills / 2:
            is_killed |= self.hclic(day, *arguments, dies=True).is_killed
        done = self.hclic(day, *arguments)
        if done.status and not (is_killed and refused and refused in done.errors):
            self.faults.append(f"{' '.join(arguments[:3])} on {day} ended with {done.status}: {done.errors[-300:]}")

    def made(self, day: date, command: list[str]) -> None:
        """Make a return, killed on the way now and then, once or several times."""
        while self.draw.random() < self.kills:
            self.hclic(day, *command, dies=True)
        self.certain(day, *command)
        self.count(command[0])

    def draft(self, name: str, first: date, last: date, day: date) -> Path:
        """A draft of the quarter from the export of a day, counted again."""
        export = self.system.export(day, self.folder / "export")
        self.made(
            day,
            ["run", str(export), "--authority", AUTHORITY, "--quarter", name, "--source", "native", "--no-pages",
             "--out", str(self.out), "--as-at", str(day)],
        )  # fmt: skip
        folder = self.out / AUTHORITY / name
        self.recounted(folder, day, first, last)
        return folder

    def revision(self, name: str, first: date, last: date, day: date) -> Path | None:
        """The quarter again from the cases of a day; None where it came to no folder of its own."""
        export = self.system.export(day, self.folder / "export")
        before = set((self.out / AUTHORITY).glob(f"{name}-revision-*"))
        self.made(
            day,
            [
                "revise",
                name,
                str(export),
                "--warehouse",
                str(self.warehouse),
                "--why",
                "late cases",
                "--as-at",
                str(day),
            ],
        )
        folders = sorted((self.out / AUTHORITY).glob(f"{name}-revision-*"))
        if not folders:
            self.faults.append(f"The revision of {name} on {day} has no folder.")
            return None
        new = [one for one in folders if one not in before] or folders[-1:]
        self.recounted(new[-1], day, first, last)
        return new[-1]

    def recounted(self, folder: Path, day: date, first: date, last: date) -> None:
        with (folder / "reference_map.csv").open(encoding="utf-8", newline="") as file:
            now = {row["local_ref"]: row["case_ref"] for row in csv.DictReader(file)}
        wrong = recount.moved(self.references, now)
        self.references = now
        (path,) = (folder / "return").glob("hclic_case_*.xml")
        wrong += recount.differences(path, now, recount.expected(self.system, day, first, last))
        self.count("recounted returns")
        self.faults += [f"{folder.name} as at {day}: {one}" for one in wrong]

    def signed_off(self, name: str, folder: Path, day: date) -> None:
        """Explain what is asked, check, sign and mostly submit the return in the folder."""
        place = ["--quarter", name, "--out", str(self.out)]
        self.recorded(
            day, "signoff", "check", *place, "--levels", "all=sampled", "--why", "checked", "--by", "A. Officer"
        )
        self.explained(
            name,
            day,
            ["signoff", "sign", *place, "--fit-to-publish", "yes", "--evidence", "recounted", "--why", "agreed",
             "--by", "B. Manager"],
        )  # fmt: skip
        if self.draw.random() < 0.8:
            self.recorded(day, "signoff", "submit", *place, "--receipt", "accepted", "--by", "A. Officer")
        self.count("signed off")
        if not (folder / "sign_off" / "sign_off.html").is_file():
            self.faults.append(f"{name}, signed off on {day}, has no sheet.")
        for path in sorted((folder / "return").iterdir()):
            if path.stat().st_mode & 0o222:
                self.faults.append(f"{path.relative_to(self.out)} was signed off on {day} and can be written.")
            self.signed[path] = hashlib.sha256(path.read_bytes()).hexdigest()

    def explained(self, name: str, day: date, sign: list[str]) -> None:
        """Ask for the sign-off, and give every explanation without which it is refused."""
        refused = self.hclic(day, *sign)
        totals = _totals_to_explain(refused.errors)
        if refused.status and not totals:
            self.faults.append(f"The sign-off of {name} on {day} was refused: {refused.errors[-300:]}")
        for total in totals:
            self.recorded(
                day, "qa", "explain", total, "late cases and a new scheme", "--warehouse", str(self.warehouse),
                "--authority", AUTHORITY, "--quarter", name, "--by", "A. Officer",
            )  # fmt: skip
            self.count("explanations")
        if totals:
            self.recorded(day, *sign, refused=STANDS)

    def in_order(self, day: date) -> None:
        """What was signed off stands as it was, the ledger verifies, and nothing was left behind."""
        for path, digest in self.signed.items():
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                self.faults.append(f"{path.relative_to(self.out)} is not what was signed off.")
        self.certain(day, "ledger", "verify", "--warehouse", str(self.warehouse))
        for path in sorted(self.out.rglob("*")):
            if _LEFT.search(path.name):
                self.faults.append(f"{path.relative_to(self.out)} was left behind on {day}.")
            elif path.stat().st_mode & 0o077:
                self.faults.append(f"{path.relative_to(self.out)} can be read by others on {day}.")
        for path in sorted((self.folder / "temporary").glob("*")):
            self.faults.append(f"{path.name} was left in the folder of temporary files on {day}.")
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            for run_id, result in con.execute("select run_id, result from runs").fetchall():
                if result == "running":
                    self.faults.append(f"{run_id} is marked as running on {day}.")
            kept = dict(con.execute("select run_id || '/' || name, sha256(content) from frozen_file").fetchall())
        for path, digest in self.signed.items():
            if digest not in kept.values():
                self.faults.append(f"The warehouse does not keep {path.relative_to(self.out)} as it was signed off.")


def _totals_to_explain(refused: str) -> list[str]:
    """Names of the totals in the sentence by which a sign-off is refused until they are explained."""
    return re.findall(r"([\w-]+) \(", refused) if "not explained" in refused else []


def soak(server: Runs, count: int, seed: int, folder: Path, kills: float, *, a_week: int = 2) -> Soak:
    """All quarters, one after the other."""
    named = list(quarters(count))
    system = System(seed, named[0][1] + timedelta(days=1), named[-1][2], a_week=a_week)
    one = Soak(server, system, folder, random.Random(seed), kills)
    draw = one.draw
    for number, (name, first, last) in enumerate(named):
        day = last + timedelta(days=1 + draw.randrange(9))
        one.draft(name, first, last, day)
        day += timedelta(days=5 + draw.randrange(20))
        one.signed_off(name, one.draft(name, first, last, day), day)
        if number and draw.random() < 0.5:
            day += timedelta(days=1 + draw.randrange(10))
            earlier = named[max(0, number - 1 - draw.randrange(4))]
            folder_of = one.revision(*earlier, day)
            if folder_of is not None and draw.random() < 0.7:
                one.signed_off(earlier[0], folder_of, day)
                one.count("revisions signed off")
        one.in_order(day)
        print(f"{name}: {len(one.faults)} faults, {one.done}, {one.used:.0f} s of processor time", flush=True)
    return one


def main(given: list[str]) -> int:
    """Soak, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quarters", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=float, default=0.5, help="chance of each run to be killed on the way")
    parser.add_argument("--folder", type=Path)
    asked: Any = parser.parse_args(given)
    with tempfile.TemporaryDirectory(prefix="hclic-soak-") as made:
        folder = asked.folder or Path(made)
        temporary = folder / "temporary"
        temporary.mkdir(parents=True)
        with runs(TMPDIR=str(temporary)) as server:
            done = soak(server, asked.quarters, asked.seed, folder, asked.kills)
    print("\n".join(done.faults) or "Nothing lost, nothing twice, no reference moved.")
    return 1 if done.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
