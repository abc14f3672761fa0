"""Change the SQL and the rules one span at a time and see whether a test notices: ``make mutate [FILES=…]``.

Each change is made in a copy of the project, where the tests that read the changed file are run until one fails. A
change that no test notices survives: a test is missing, or the change means the same, which ``equivalent.csv`` says
with a reason. The share that died leaves the equivalent ones out.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from tools.mutate import python_text, sql_text
from tools.mutate.mutant import Mutant
from tools.mutate.run import copy_project, judged, load_libraries, watched

ROOT = Path(__file__).resolve().parent.parent.parent
EQUIVALENT = Path(__file__).with_name("equivalent.csv")
CACHE = ROOT / ".mutate"
UNDER_MUTATION = (
    *(
        "sql/macros/**/*.sql",
        "sql/facts/**/*.sql",
        "sql/return/**/*.sql",
        "sql/tables/**/*.sql",
        "sql/marts/**/*.sql",
        "sql/staging/**/*.sql",
    ),
    *("schemas/rules/*.py", "pipelines/transform/*.py", "pipelines/period.py"),
    *("pipelines/metrics/stays/*.py", "pipelines/disclosure/*.py"),
)
# Whole processes, servers, browsers and published workbooks: too slow to ask for every mutant.
NOT_ASKED = (
    *("tests/browser/*", "tests/flows/*", "tests/forecast/*", "tests/published/*", "tests/tools/*"),
    *(
        "tests/synthesise/*",
        "tests/spine/test_wheel.py",
        "tests/spine/test_readme.py",
        "tests/spine/test_interrupted.py",
    ),
    *("tests/bench/*", "tests/dashboard/*"),
)
# Given and expected rows of every case that a folder tells apart: a second or two, and they notice nearly all.
EXAMPLES = {
    "sql/facts/": ["tests/facts/test_what_a_case_is.py", "tests/transform/test_household_facts.py"],
    "sql/tables/": ["tests/tables/test_cells.py"],
    "sql/staging/": ["tests/transform/test_masking.py"],
    "sql/marts/": ["tests/transform/test_marts.py"],
    "sql/return/": ["tests/transform/test_return_selection.py", "tests/transform/test_return_people.py"],
}
# A caseload with every ending, through the command: quick, and notices most.
CASELOAD = "tests/golden/test_golden.py::test_golden_scenario[every-ending]"
# Who is asked next, whatever the budget: what a folder is for is tested here.
ASKED_FIRST = {
    "sql/macros/": ("tests/transform/*", "tests/tables/test_definitions.py", "tests/rules/test_rule_examples.py"),
    "sql/facts/": (
        "tests/transform/*",
        "tests/tables/test_definitions.py",
        "tests/rules/test_rule_examples.py",
    ),
    "sql/marts/": ("tests/transform/*", "tests/tables/test_definitions.py"),
    "sql/staging/": ("tests/transform/*",),
    "sql/return/": ("tests/transform/test_return_selection.py", "tests/returns/test_provisional.py"),
    "sql/tables/": ("tests/tables/test_definitions.py", "tests/tables/test_p1e.py"),
    "schemas/rules/": ("tests/rules/*",),
    "pipelines/period.py": ("tests/spine/test_period.py",),
    "pipelines/transform/": ("tests/transform/*", "tests/spine/test_wrong_calls.py"),
    "pipelines/disclosure/": ("tests/disclosure/*",),
    "pipelines/metrics/stays/": ("tests/metrics/stays/*",),
}
# Every run of the command reads every rule; only these are about rules.
ONLY_ASKED = {"schemas/rules/": ("tests/rules/*", "tests/validate/*", "tests/golden/*")}
WATCH_SECONDS, START_SECONDS, PATIENCE = 600.0, 15.0, 4.0
Reads = dict[str, dict[str, Any]]
"""By test module: the files it reads with lines, its seconds, and the tests that fail there unchanged."""


def under_mutation(patterns: Sequence[str]) -> list[str]:
    """Files that the patterns or paths name."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def mutants_of(file: str) -> list[Mutant]:
    """All changes of one file."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return sql_text.mutants(file, text) if file.endswith(".sql") else list(python_text.mutants(file, text))


def equivalents() -> dict[tuple[str, str, str, str], str]:
    """Reason by file, line as it stands, change and kind: changes that mean the same."""
    if not EQUIVALENT.exists():
        return {}
    with EQUIVALENT.open(encoding="utf-8", newline="") as handle:
        return {(row["file"], row["line"], row["old"], row["new"]): row["reason"] for row in csv.DictReader(handle)}


def key(mutant: Mutant) -> tuple[str, str, str, str]:
    """How the list of equivalent changes names one."""
    return mutant.file, mutant.context, mutant.old, mutant.new


def test_modules() -> list[str]:
    """Test modules that are asked."""
    found = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))
    return [path for path in found if not any(fnmatch(path, pattern) for pattern in NOT_ASKED)]


@cache
def _digest(file: str) -> str:
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()[:16]


def _watch_one(task: tuple[str, list[str]]) -> tuple[str, dict[str, Any]]:
    module, python = task
    outcome = watched(_copy(), module, python, WATCH_SECONDS)
    said = outcome.said or {"read": {}, "failed": []}
    return module, {"seconds": round(outcome.seconds, 2), "status": outcome.status, **said}


def _judge_one(
    task: tuple[Mutant, list[tuple[list[str], float]], list[str], list[str]],
) -> tuple[Mutant, int | None, float, str | None]:
    mutant, turns, left_out, first = task
    path = _copy() / mutant.file
    given = path.read_text(encoding="utf-8")
    path.write_text(mutant.apply(given), encoding="utf-8")
    status: int | None = 0
    spent, by = 0.0, None
    try:
        for modules, limit in turns:
            outcome = judged(_copy(), modules, left_out, first, limit)
            status, by, spent = outcome.status, outcome.said, spent + outcome.seconds
            if status != 0:
                break
    finally:
        path.write_text(given, encoding="utf-8")
    return mutant, status, spent, by


_PLACE: Path | None = None


def _copy() -> Path:
    """This worker's copy of the project, made on first use."""
    if _PLACE is None:
        raise RuntimeError("The worker was not started.")
    return _PLACE


def _start(folder: str) -> None:
    global _PLACE
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    _PLACE = copy_project(ROOT, Path(folder) / f"copy-{os.getpid()}")
    load_libraries()


def reads(pool: Any, python: list[str]) -> Reads:
    """What each test module reads: from the cache where the module is unchanged (``--fresh``: look again)."""
    modules = test_modules()
    CACHE.mkdir(exist_ok=True)
    store = CACHE / "reads.json"
    known: dict[str, Any] = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    wanted = {module: _digest(module) for module in modules}
    missing = [module for module in modules if known.get(module, {}).get("key") != wanted[module]]
    for module, found in pool.imap_unordered(_watch_one, [(module, python) for module in missing]):
        of_files = {file: _digest(file) for file in found["read"]}
        known[module] = {"key": wanted[module], "files": of_files, **found}
        print(
            f"  read {module}: {found['seconds']:.0f} s" + (", fails unchanged" if found["failed"] else ""), flush=True
        )
        store.write_text(json.dumps(known), encoding="utf-8")
    return {module: known[module] for module in modules}


def _patterns(of: dict[str, tuple[str, ...]], file: str) -> tuple[str, ...] | None:
    return next((tests for folder, tests in of.items() if file.startswith(folder)), None)


def _matches(module: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(module, pattern) for pattern in patterns)


def asked(mutant: Mutant, known: Reads, budget: float) -> tuple[list[str], list[str], list[str]]:
    """Test modules that reach the mutant: asked first, asked then (the quickest, within the budget), left out."""
    only = _patterns(ONLY_ASKED, mutant.file) or ("*",)
    reading = {name: found for name, found in known.items() if mutant.file in found["read"] and _matches(name, only)}
    reaching = [
        name
        for name, found in reading.items()
        if mutant.file.endswith(".sql")
        or mutant.line in found["read"][mutant.file]
        or found["files"][mutant.file] != _digest(mutant.file)
    ] or list(reading)
    reaching.sort(key=lambda name: float(known[name]["seconds"]))
    patterns = _patterns(ASKED_FIRST, mutant.file) or ()
    first = [name for name in reaching if _matches(name, patterns)]
    then, left, spent = [], [], 0.0
    for name in reaching:
        if name in first:
            continue
        spent += known[name]["seconds"]
        (left if spent > budget else then).append(name)
    return first, then, left


def tasks(
    chosen: Sequence[Mutant], known: Reads, caught: dict[str, Counter[str]], budget: float
) -> Iterator[tuple[Mutant, list[tuple[list[str], float]], list[str], list[str]]]:
    """One task per mutant; the tests that caught others in the same file are asked first."""
    failing = [name for found in known.values() for name in found["failed"]]
    for mutant in chosen:
        first, then, _ = asked(mutant, known, budget)
        turns = [
            (modules, _limit([known[name.partition("::")[0]]["seconds"] for name in modules]))
            for modules in (
                next((tests for folder, tests in EXAMPLES.items() if mutant.file.startswith(folder)), []),
                [CASELOAD] if mutant.file.endswith(".sql") else [],
                first,
                then,
            )
            if modules
        ]
        yield mutant, turns, failing, [name for name, _ in caught[mutant.file].most_common(8)]


def _limit(seconds: Sequence[float]) -> float:
    return min(START_SECONDS + PATIENCE * sum(seconds), WATCH_SECONDS)


def main() -> int:
    """Print the share that died and each survivor."""
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("files", nargs="*", help="Files or patterns; without any, all that are under mutation.")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="Judge this many, drawn evenly, instead of all.")
    parser.add_argument("--seed", type=int, default=1, help="Another number draws another sample.")
    parser.add_argument(
        "--budget", type=float, default=60.0, help="Seconds of tests asked besides those of its folder."
    )
    parser.add_argument("--quick", action="store_true", help="Ask only the tests of its folder; survivors may be none.")
    parser.add_argument("--fresh", action="store_true", help="Look again which test reads which file.")
    parser.add_argument("--list", action="store_true", help="Only print the mutants.")
    given = parser.parse_args()
    files = under_mutation(given.files or UNDER_MUTATION)
    if not files:
        print("No file of that name.", file=sys.stderr)
        return 2
    if given.fresh:
        shutil.rmtree(CACHE, ignore_errors=True)
    same = equivalents()
    everything = [mutant for file in files for mutant in mutants_of(file)]
    if given.list:
        print("\n".join(mutant.name for mutant in everything))
        return 0
    chosen = [mutant for mutant in everything if key(mutant) not in same]
    equal = len(everything) - len(chosen)
    if given.sample and given.sample < len(chosen):
        chosen = sorted(
            random.Random(given.seed).sample(chosen, given.sample), key=lambda one: (one.file, one.start, one.new)
        )
    print(f"{len(everything)} changes of {len(files)} files, {equal} of them equivalent; {len(chosen)} are judged.")
    return judge(files, chosen, given.jobs, given.budget, quick=given.quick)


def of_its_folder() -> Reads:
    """As if each test module read every file and took its time: which ones are asked is then settled by the folder."""
    files = under_mutation(UNDER_MUTATION)
    found = {
        "seconds": WATCH_SECONDS,
        "failed": [],
        "read": {file: [] for file in files},
        "files": dict.fromkeys(files),
    }
    return {module: found for module in test_modules()}


def judge(files: Sequence[str], chosen: Sequence[Mutant], jobs: int, budget: float, *, quick: bool) -> int:
    """Judge the mutants and print what came of it."""
    folder = tempfile.mkdtemp(prefix="mutate-")
    python = [file for file in under_mutation(UNDER_MUTATION) if file.endswith(".py")]
    caught: dict[str, Counter[str]] = {file: Counter() for file in files}
    died: Counter[str] = Counter()
    survivors: list[Mutant] = []
    unread: set[str] = set()
    try:
        with multiprocessing.get_context("fork").Pool(jobs, _start, (folder,)) as pool:
            known = of_its_folder() if quick else reads(pool, python)
            budget = 0.0 if quick else budget
            ask: list[Mutant] = []
            for mutant in chosen:
                if any(asked(mutant, known, budget)[:2]):
                    ask.append(mutant)
                else:
                    unread.add(mutant.file)
                    survivors.append(mutant)
            for number, (mutant, status, seconds, by) in enumerate(
                pool.imap_unordered(_judge_one, tasks(ask, known, caught, budget)), start=1
            ):
                if status == 0:
                    survivors.append(mutant)
                    print(f"  [{number}/{len(ask)}] survived ({seconds:.0f} s) {mutant.name}", flush=True)
                else:
                    died[_folder(mutant.file)] += 1
                    if by:
                        caught[mutant.file][by] += 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _report(chosen, died, survivors, unread, known, budget)
    return 0


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _report(
    chosen: Sequence[Mutant],
    died: Counter[str],
    survivors: Sequence[Mutant],
    unread: set[str],
    known: Reads,
    budget: float,
) -> None:
    slow = sorted({module for mutant in survivors for module in asked(mutant, known, budget)[2]})
    failing = sorted(name for found in known.values() for name in found["failed"])
    print("\nSurvivors")
    for mutant in sorted(survivors, key=lambda one: (one.file, one.start)):
        print(f"  {mutant.name}")
    for title, names in (
        ("Not asked about survivors, for want of time (--budget)", slow),
        ("Left out: fail without any change", failing),
        ("Read by no test that is asked", sorted(unread)),
    ):
        if names:
            print(f"\n{title}\n  " + "\n  ".join(names))
    print("\nDied")
    judged_in = Counter(_folder(mutant.file) for mutant in chosen)
    for name, count in sorted(judged_in.items()):
        print(f"  {name:32} {died[name]:5} of {count:5}  {died[name] / count:6.1%}")
    total = sum(judged_in.values())
    print(f"  {'all':32} {sum(died.values()):5} of {total:5}  {sum(died.values()) / max(total, 1):6.1%}")


if __name__ == "__main__":
    raise SystemExit(main())
