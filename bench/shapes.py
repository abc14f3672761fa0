"""Writes an export of other shapes from one in native layout: ``python bench/shapes.py NATIVE FOLDER``.

People stand in two files that a number joins, ten columns of the cases as questions and answers in rows; the rest is as
it was. ``FOLDER.toml`` is the source profile that reads it to the same sections.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import polars as pl

QUESTIONS = (
    "application_date",
    "assess_date",
    "assess1",
    "eligibility",
    "nationality",
    "lastaccom",
    "reasonloss",
    "employment",
    "benefits",
    "referral",
)
HOUSEHOLD = ("case_ref", "person_no", "relationship", "dependent")


def write(native: Path, folder: Path) -> Path:
    """The export in ``folder`` and its source profile beside it, which is returned."""
    folder.mkdir(parents=True)
    blocks = []
    for path in sorted(native.glob("*.csv")):
        rows = pl.read_csv(path, infer_schema=False)
        if path.stem == "main":
            asked = [one for one in QUESTIONS if one in rows.columns]
            rows.select("case_ref", *asked).unpivot(
                index="case_ref", variable_name="Question", value_name="Answer"
            ).filter(pl.col("Answer").is_not_null()).sort("case_ref", maintain_order=True).write_csv(
                folder / "answers.csv"
            )
            rows = rows.drop(asked)
            pivot = 'pivot = { per = "case_ref", name = "Question", value = "Answer" }'
            blocks.append(_block("answers", "main", ["case_ref", *asked], pivot, "adds_columns = true"))
        if path.stem == "people":
            rows = rows.with_row_index("client")
            rows.drop(HOUSEHOLD).sample(fraction=1.0, shuffle=True, seed=1).write_csv(folder / "clients.csv")
            join = 'join = { file = "clients", on = "client" }'
            blocks.append(_block("people", "people", [one for one in rows.columns if one != "client"], join))
            rows = rows.select("client", *HOUSEHOLD)
            rows.write_csv(folder / "people.csv")
            continue
        rows.write_csv(folder / path.name)
        blocks.append(_block(path.stem, path.stem, rows.columns))
    profile = folder.with_suffix(".toml")
    profile.write_text("\n".join(blocks), encoding="utf-8")
    return profile


def _block(file: str, section: str, columns: list[str], of_table: str = "", of_section: str = "") -> str:
    named = "\n".join(f'{one} = "{one}"' for one in columns)
    return f'[[table]]\nfile = "{file}"\n{of_table}\n[table.{section}]\n{of_section}\n{named}\n'


if __name__ == "__main__":
    shutil.rmtree(sys.argv[2], ignore_errors=True)
    print(write(Path(sys.argv[1]), Path(sys.argv[2])))
