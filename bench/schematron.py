"""The same rules on the same XML: ours, lxml's Schematron and Saxon; their seconds, ratios and findings.

``python -m bench.schematron [--cases 5000 …]`` prints rows of a Markdown table. Ours are our error rules and the
constraints of the models, from sections in memory to findings, with the facts they read. The others judge the XML that
the return writer makes of the same sections: seconds from the parsed document (lxml) or its text (Saxon, with the start
of its process) to findings; nobody's compiling counts. About one case in a hundred has a fault.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree, isoschematron

from pipelines.synthesise.routes import make_cases
from tools.differential.both import Found, comparable, compile_both, ours, theirs, write
from tools.differential.cases import AUTHORITY, NEIGHBOUR, Faulty, faulty_cases
from tools.differential.schematron import schematron

SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def cases(count: int) -> Faulty:
    """``count`` invented cases; one in a hundred of them has faults."""
    faulty = faulty_cases(max(count // 100, 1), 5, ())
    whole = make_cases(
        count - faulty.sections["main"].height,
        authority=AUTHORITY,
        neighbour=NEIGHBOUR,
        first_day=date(2024, 1, 1),
        last_day=date(2025, 12, 31),
        seed=6,
    )
    again = pl.col("case_ref").str.replace("_0", "_8", literal=True)
    sections = {
        name: pl.concat([frame, whole[name].select(frame.columns).cast(dict(frame.schema)).with_columns(again)])
        for name, frame in faulty.sections.items()
    }
    return Faulty(sections, faulty.unlisted)


def timed(judge: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """The least seconds of the repeats, and what came out."""
    least, found = float("inf"), None
    for _ in range(repeat):
        begun = time.perf_counter()
        found = judge()
        least = min(least, time.perf_counter() - begun)
    return least, found


def skeleton(document: etree._ElementTree) -> tuple[isoschematron.Schematron, Callable[[], Found]]:
    """lxml's own Schematron, which compiles by the skeleton of ISO Schematron, and how it judges."""
    compiled = isoschematron.Schematron(etree.fromstring(schematron(xpath1=True)), store_report=True)

    def judge() -> Found:
        compiled.validate(document)
        found: Found = Counter()
        for one in compiled.validation_report.getroot().iter(f"{SVRL}successful-report"):
            (node,) = document.xpath(one.get("location"))
            while node.tag != "CASE":
                node = node.getparent()
            found[one.get("id"), str(node.findtext("MAIN/CASE_REF"))] += 1
        return found

    return compiled, judge


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, nargs="+", default=[2_000, 5_000, 30_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--skeleton-cases", type=int, default=2_000, help="Most cases for lxml's own compile step.")
    given = parser.parse_args()
    for count in given.cases:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            made = cases(count)
            document = write(made, folder / "return")
            seconds, found = timed(lambda sections=made.sections: ours(sections), given.repeat)
            mine = comparable(found, made.sections)
            size = document.stat().st_size / 1e6
            print(f"| schematron: ours, {count:,} cases, {size:.0f} MB, {mine.total():,} findings | {seconds:.2f} | |")
            others: dict[str, Callable[[], Found]] = {
                f"{engine}, compiled by us": lambda schema=schema, path=document: theirs(path, schema)
                for engine, schema in compile_both(folder).items()
            }
            if count <= given.skeleton_cases:
                others["lxml's own Schematron"] = skeleton(etree.parse(str(document)))[1]
            for engine, judge in others.items():
                spent, found = timed(judge, 1)
                same = "identical findings" if comparable(found, made.sections) == mine else "FINDINGS DIFFER"
                print(f"| schematron: {engine}, {count:,} cases, {same} | {spent:.2f} | |")
                print(f"| schematron: {engine} against ours, times | {spent / seconds:.0f} | |", flush=True)


if __name__ == "__main__":
    main()
