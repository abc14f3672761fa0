"""What ``hclic synthesise`` leaves behind: the nine files, the two lists, and a README that says what they are."""

from __future__ import annotations

from pathlib import Path

from pipelines.extract.layouts import write_layout
from pipelines.synthesise.clashes import in_words
from pipelines.synthesise.synthetic import Synthetic
from pipelines.whole import into

_README = """\
# Invented households

The households in this folder do not exist. Names, dates, addresses and National Insurance numbers (all begin with QQ,
which is never issued) were drawn by a program; no row describes a real person or a real case. Only the totals are real:
counted into MHCLG's tables, the rows give what MHCLG published about the authority.

| | |
|---|---|
| authority | {authority} |
| quarters | {quarters} |
| seed | {seed} |
| cases | {cases} |
| published cells that these households do not give | {clashes} (`clashes.csv`) |
| published cells that set no aim | {free} (`free.csv`) |

The nine section files are in the native layout. `clashes.csv` names each published cell that these households do not
give when they are counted, and no other: what is printed and what the rows give. Its `kind` is

- `proved contradiction`: no households can give this cell and those it clashes with; the reason has the sum that forces
  it, and fewer cells than are listed cannot be enough;
- `known defect`: the whole column was published wrongly;
- `hidden in print`: MHCLG hides the cell and these households would show it;
- `not reached, not proved`: these households miss the cell, others might not.

{words}

`free.csv` names each cell that is suppressed, missing, derived from outside data or a known defect.

Totals: Contains public sector information licensed under the Open Government Licence v3.0 (MHCLG, statutory
homelessness, detailed local authority tables).
"""


def write(made: Synthetic, out: Path, seed: int) -> list[Path]:
    """Write the sections in the native layout, ``clashes.csv``, ``free.csv`` and ``README.md`` into ``out``."""
    with into(out) as new:
        return [out / path.name for path in _write(made, new, seed)]


def _write(made: Synthetic, out: Path, seed: int) -> list[Path]:
    written = write_layout(made.sections, "native", out)
    for name, frame in (("clashes", made.clashes), ("free", made.free)):
        path = out / f"{name}.csv"
        frame.write_csv(path)
        written.append(path)
    readme = out / "README.md"
    readme.write_text(
        _README.format(
            authority=made.authority,
            quarters=", ".join(f"{quarter} ({quarter.words})" for quarter in made.quarters),
            seed=seed,
            cases=made.sections["main"].height,
            clashes=made.clashes.height,
            words=in_words(made.clashes),
            free=made.free.height,
        ),
        encoding="utf-8",
    )
    return [*written, readme]
