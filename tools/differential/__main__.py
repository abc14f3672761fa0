"""``python -m tools.differential [--cases 5000] [--seed 1]``: status 1 where they differ."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from tools.differential.both import comparable, compared, compile_both, ours, theirs, write
from tools.differential.cases import faulty_cases
from tools.differential.schematron import error_rules, left_out


def main() -> None:
    """Compare, and print what differs by rule, with the first case of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    faulty = faulty_cases(given.cases, given.seed, [rule for rule in error_rules() if rule.rule_id in compared()])
    mine = comparable(ours(faulty.sections), faulty.sections)
    print(
        f"{faulty.sections['main'].height:,} cases, seed {given.seed}; {len(compared()):,} rules and constraints on"
        f" both sides, {len(left_out())} left out with a reason; ours find {mine.total():,}."
    )
    differing = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        document = write(faulty, folder / "return")
        for engine, schema in compile_both(folder).items():
            other = comparable(theirs(document, schema), faulty.sections)
            print(f"{engine}: {other.total():,} findings")
            for side, more in (("ours only", mine - other), ("theirs only", other - mine)):
                first = {rule: case for rule, case in sorted(more, reverse=True)}
                for rule, count in sorted(Counter(rule for rule, _ in more.elements()).items()):
                    print(f"  {side}: {rule} {count:,}, as in {first[rule]}")
                differing += more.total()
    raise SystemExit(1 if differing else 0)


if __name__ == "__main__":
    main()
