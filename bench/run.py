"""The benchmarks: seconds and peak memory, medians of repeated runs → ``bench/results.md``.

``python bench/run.py [--repeat 5] [--panel FILE.csv] [--workbook FILE]``. Run on a quiet machine: ``make bench``.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AUTHORITY, QUARTER = "E08000025", "2025-Q3"
CORE = ROOT / ".venv" / "bench"
STEPS = """
import sys, time
from dataclasses import replace
from datetime import UTC, datetime
from pipelines.run import run
from pipelines.run.request import Request
export, authority, quarter, out = sys.argv[1:]
given = {"export": export, "authority": authority, "quarter": quarter, "source": "native", "out": out, "personal": True}
def timed(step):
    def do(database, request):
        begun = time.perf_counter()
        step.do(database, request)
        print(step.name, time.perf_counter() - begun, flush=True)
    return replace(step, do=do)
run.STEPS = tuple(timed(step) for step in run.STEPS)
run.make(Request.read(given, started=datetime(2025, 10, 8, tzinfo=UTC)))
"""


def core_python() -> Path:
    """An environment with the core install and compiled bytecode: the extras slow the imports down.

    Made once, and filled again where the dependencies have changed since.
    """
    python, filled = CORE / "bin" / "python", CORE / "filled"
    named = max((ROOT / name).stat().st_mtime for name in ("pyproject.toml", "constraints.txt"))
    if not filled.exists() or filled.stat().st_mtime < named:
        subprocess.run([sys.executable, "-m", "venv", str(CORE)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"), "-e", str(ROOT)]
        subprocess.run(pip, check=True)
        filled.touch()
    subprocess.run([str(python), "-m", "compileall", "-q", "pipelines", "schemas", "sql"], cwd=ROOT, check=True)
    return python


def timed(command: list[str], *, cwd: Path = ROOT) -> tuple[float, float, str]:
    """Seconds, peak memory in MiB and standard output of one process."""
    before = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    out = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command[:4])} … ended with status {process.returncode}")
    return time.perf_counter() - before, usage.ru_maxrss / 1024, out


def median_of(command: list[str], repeat: int) -> tuple[float, float]:
    """Median seconds and median peak memory."""
    runs = [timed(command)[:2] for _ in range(repeat)]
    return statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)


def main() -> None:
    """Measure and write ``bench/results.md``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--panel", type=Path, help="Published panel for the forecast backtest.")
    parser.add_argument("--history-cases", type=int, default=60_000, help="Cases of the 40 daily runs.")
    parser.add_argument("--workbook", type=Path, default=next((ROOT / "data" / "published").glob("*.ods"), None))
    given = parser.parse_args()
    python = str(core_python())
    hclic = [python, "-m", "pipelines.cli"]
    lines = [
        "# Benchmarks",
        "",
        f"`make bench` on {os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}, core"
        f" install, compiled bytecode; medians of {given.repeat}. Seconds are whole processes unless a step is named.",
        f"Load average when it began: {os.getloadavg()[0]:.1f}. Above 0.5, the seconds say more of the neighbours.",
        "",
        "`hclic run` stands for the steps of `hclic run … --personal`, metrics and pages among them. Steps that are at",
        "work at the same time (validate and mask; the emit steps) share the cores: their seconds do not add up. Peak",
        "memory is that of the process; another, of 0.1 GiB, draws the charts.",
        "",
        "| what | seconds | peak MiB |",
        "|---|--:|--:|",
    ]

    def note(what: str, seconds: float, memory: float | None = None) -> None:
        lines.append(f"| {what} | {seconds:.2f} | {'' if memory is None else f'{memory:,.0f}'} |")
        print(lines[-1], flush=True)

    start_up = median_of([python, "-c", "import pipelines.run.check"], given.repeat)
    note("bare import of `hclic check`", *start_up)
    work = Path(tempfile.mkdtemp(prefix="hclic-bench-"))
    # A workbook is read each time, unless the line says that it was read before.
    os.environ["HCLIC_CACHE"] = "off"
    try:
        totals = {}
        checks = {}
        for count in (10_000, 60_000):
            export = work / f"cases{count}"
            subprocess.run(
                [python, "bench/cases.py", str(count), str(export)],
                cwd=ROOT,
                check=True,
                env={**os.environ, "PYTHONPATH": "."},
            )
            common = ["--authority", AUTHORITY, "--quarter", QUARTER, "--source", "native"]
            checks[count] = median_of([*hclic, "check", str(export), *common], given.repeat)
            note(f"`hclic check`, {count:,} cases", *checks[count])
            drafted = median_of([*hclic, "profile", "draft", str(export)], given.repeat)
            note(f"`hclic profile draft`, {count:,} cases", *drafted)
            if count == 60_000:
                shaped = work / "shapes"
                making = [python, "bench/shapes.py", str(export), str(shaped)]
                subprocess.run(making, cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": "."})
                common[-1] = str(shaped.with_suffix(".toml"))
                seconds, memory = median_of([*hclic, "check", str(shaped), *common], given.repeat)
                note(f"`hclic check`, {count:,} cases, people joined and answers pivoted", seconds, memory)
                note("  what the join and the pivot add (at most 2)", seconds - checks[count][0])
                common[-1] = "native"
                shutil.rmtree(shaped)
            runs: list[tuple[float, float]] = []
            steps: dict[str, list[float]] = {}
            for number in range(given.repeat):
                out = work / f"out{count}-{number}"
                seconds, memory, text = timed([python, "-c", STEPS, str(export), AUTHORITY, QUARTER, str(out)])
                runs.append((seconds, memory))
                for step, spent in re.findall(r"^(\w+) ([\d.]+)$", text, re.M):
                    steps.setdefault(step, []).append(float(spent))
                if number:
                    shutil.rmtree(out)
            totals[count] = statistics.median(run[0] for run in runs)
            note(f"`hclic run`, {count:,} cases", totals[count], statistics.median(run[1] for run in runs))
            same = [python, "-c", STEPS, str(export), AUTHORITY, QUARTER, str(work / f"out{count}-0")]
            note(f"`hclic run` with nothing changed, {count:,} cases", *median_of(same, given.repeat))
            for step, spent in steps.items():
                said = ": metrics and pages, disclosure included, at most 5" if step == "emit_metrics" else ""
                note(f"  step {step}, {count:,} cases{said}", statistics.median(spent))
        growth = math.log(totals[60_000] / totals[10_000]) / math.log(6)
        lines.append(f"| growth exponent of `hclic run`, 10,000 → 60,000 | {growth:.2f} | |")
        # Ten times the cases of the largest export under other references: as many as no authority has.
        export = work / "cases600000"
        making = [python, "bench/cases.py", "60000", str(export), "10"]
        subprocess.run(making, cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": "."})
        checks[600_000] = median_of([*hclic, "check", str(export), *common], 1)
        note("`hclic check`, 600,000 cases (once)", *checks[600_000])
        spent = [checks[count][0] - start_up[0] for count in (10_000, 600_000)]
        growth = math.log(spent[1] / spent[0]) / math.log(60)
        lines.append(f"| growth exponent of `hclic check` without start-up, 10,000 → 600,000 | {growth:.2f} | |")
        shutil.rmtree(export)
        reading = [python, "-m", "bench.large", str(work / "cases60000"), str(work / "large"), "2048"]
        seconds, memory, said = timed(reading)
        note(f"60,000 cases with notes that nothing maps, written and read: {said.strip()} (once)", seconds, memory)
        shutil.rmtree(work / "large")
        store = work / "out60000-0" / "warehouse.duckdb"
        place = ["--warehouse", str(store), "--authority", AUTHORITY, "--quarter", QUARTER]
        note(
            "`hclic tables`, 60,000-case warehouse",
            *median_of([*hclic, "tables", *place, "--out", str(work / "t")], given.repeat),
        )
        note(
            "`hclic metrics`, 60,000-case warehouse",
            *median_of([*hclic, "metrics", *place, "--out", str(work / "m")], given.repeat),
        )
        for command, what in (
            ("dashboard", "both editions, disclosure included"),
            ("report", "the edition for sharing, at most 3"),
            ("forecast", "one authority, at most 5"),
        ):
            asked = [*hclic, command, *place, "--out", str(work / f"{command}.csv")]
            note(f"`hclic {command}`, 60,000-case warehouse: {what}", *median_of(asked, given.repeat))
        if given.workbook:
            reading = [*hclic, "published", str(given.workbook), "--out", str(work / "tidy.csv")]
            note("`hclic published`, one workbook, all authorities", *median_of(reading, given.repeat))
            os.environ["HCLIC_CACHE"] = str(work / "cache")
            timed(reading)
            note("`hclic published`, the same workbook, read before", *median_of(reading, given.repeat))
            os.environ["HCLIC_CACHE"] = "off"
            for count in (10_000, 60_000):
                place[1] = str(work / f"out{count}-0" / "warehouse.duckdb")
                comparing = [*hclic, "reconcile", "--published", str(given.workbook), *place]
                comparing += ["--out", str(work / "reconciled.csv")]
                note(f"`hclic reconcile`, {count:,}-case warehouse", *median_of(comparing, given.repeat))
            making = [
                *hclic,
                "synthesise",
                "--published",
                str(given.workbook),
                "--authority",
                "E09000025",
                "--seed",
                "1",
            ]
            making += ["--out", str(work / "s")]
            note("`hclic synthesise`, the largest authority (Newham)", *median_of(making, given.repeat))
            os.environ["HCLIC_CACHE"] = str(work / "cache")
            note("`hclic synthesise`, Newham, the workbook read before", *median_of(making, given.repeat))
            making[making.index("E09000025")] = "E06000017"
            note("`hclic synthesise`, Rutland, the workbook read before", *median_of(making, given.repeat))
            os.environ["HCLIC_CACHE"] = "off"
            seconds, memory, england = timed([sys.executable, "-m", "bench.england", str(given.workbook)])
            note("every authority of the workbook invented and counted again (below)", seconds, memory)
            _, _, fleet = timed(
                [sys.executable, "-m", "bench.fleet", "--workbook", str(given.workbook), "--pages", "--lake"]
            )
            print(fleet, flush=True)
        _, _, text = timed([python, "-m", "bench.nightly", "--repeat", str(given.repeat)])
        lines.extend(text.splitlines())
        _, _, text = timed([python, "bench/history.py", "--cases", str(given.history_cases)])
        lines.extend(text.splitlines())
        print(text, flush=True)
        # Each time one with a key beside one without.
        asked = [python, "-m", "bench.encrypted", "--repeat", str(given.repeat)]
        _, _, text = timed(asked)
        lines.extend(text.splitlines())
        print(text, flush=True)
        # The quality report of a return of 5,000 cases.
        _, _, text = timed([python, "-m", "bench.quality", "--repeat", str(given.repeat)])
        lines.extend(text.splitlines())
        print(text, flush=True)
        # The same cases from a real server; the environment with its wheel.
        asked = [sys.executable, "-m", "bench.databases", str(work / "cases60000"), "--repeat", str(given.repeat)]
        _, _, text = timed(asked)
        lines.extend(text.splitlines())
        print(text, flush=True)
        # The same rules on the same XML, by ourselves, lxml and Saxon.
        _, _, text = timed([python, "-m", "bench.schematron"])
        lines.extend(text.splitlines())
        print(text, flush=True)
        if given.panel:
            script = [
                sys.executable,
                "bench/forecast_backtest.py",
                str(given.panel),
                "--out",
                str(ROOT / "bench/forecast_backtest.md"),
            ]
            note("forecast backtest, whole panel", *timed(script)[:2])
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if given.workbook:
        lines += [
            "",
            "Every authority of the workbook, invented and counted again (`make bench-england`):",
            "",
            england,
            "",
            "Every authority of the quarter run side by side, and years of England checked (`make bench-fleet`):",
            "",
            fleet,
        ]
    lines += [
        "",
        f"Peak memory of this script itself: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB.",
        "",
    ]
    (ROOT / "bench" / "results.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
