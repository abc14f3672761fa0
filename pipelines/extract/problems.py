"""What can be wrong with an export: one entry a kind, with a stable id, a message and what to do.

A message holds the place (file, row, heading that the profile expects) and what is expected, never a value of the data.
"""

from __future__ import annotations

from pipelines.extract.cell_problems import OF_CELLS
from pipelines.extract.problem import Problem
from pipelines.extract.return_problems import OF_RETURNS
from pipelines.extract.step_problems import OF_STEPS
from pipelines.findings import ERROR, RECORD, RETURN, WARNING


def _problem(
    id_: str, severity: str, scope: str, message: str, action: str, local_severity: str | None = None
) -> Problem:
    return Problem(id_, severity, scope, message, action, local_severity)


_ALL = (
    _problem(
        "X-01",
        ERROR,
        RETURN,
        "{place}: the export has no such file or sheet.{near}",
        "Add it to the export. A section without rows needs a file with the headings only.",
    ),
    _problem(
        "X-02",
        WARNING,
        RETURN,
        "{place}: no table of the source profile names this file or sheet, so none of its rows was read.",
        "Take it out of the export, or name it in the source profile.",
    ),
    _problem(
        "X-03",
        ERROR,
        RETURN,
        "{place}: the file cannot be read: {why}.",
        "Export it again as CSV (UTF-8), XLSX, ODS or Parquet.",
    ),
    _problem(
        "X-04",
        ERROR,
        RETURN,
        "{place}: the file mixes two encodings; from row {row} on some characters cannot be read.",
        "Export it again as UTF-8; do not join files of different encodings.",
    ),
    _problem(
        "X-05",
        ERROR,
        RETURN,
        "{place}: the file is empty: not even headings are there.",
        "Export it again, with headings.",
    ),
    _problem(
        "X-06",
        ERROR,
        RETURN,
        "{place}: row {row} holds none of the headings that the source profile expects.",
        "Check that the headings are in that row (header_row), the delimiter, and that the profile fits this export.",
    ),
    _problem(
        "X-07",
        ERROR,
        RETURN,
        "{place}: this heading stands over more than one column; the first one was read.",
        "Remove or rename the other columns of that heading.",
    ),
    _problem(
        "X-08",
        WARNING,
        RETURN,
        "{place}: the heading is not in the source profile, so the column was not read.{near}",
        "Map it in the source profile, or list it under ignore.",
    ),
    _problem(
        "X-09",
        ERROR,
        RETURN,
        "{place}: there is no such column, so the field is blank in every row.{near}",
        "Add the column to the export, or correct the heading in the source profile.",
        WARNING,
    ),
    _problem(
        "X-10",
        ERROR,
        RETURN,
        "{place}: row {row} was taken for the headings (header_row), but holds a reference like those below it, so a"
        " case may be missing.",
        "Write header_row = 0 in the source profile, if the file has no headings.",
    ),
    _problem(
        "X-20",
        ERROR,
        RECORD,
        "{place}: the row has {found} cells; {by} {expected}. It was set aside.",
        "Look for a delimiter or line break inside a cell that is not in quotation marks, or a cut-off file.",
    ),
    _problem(
        "X-21",
        ERROR,
        RECORD,
        "{place}: a quotation mark opens here and is never closed; this row and all after it were set aside.",
        "Close or remove the quotation mark. If the file was cut off, export it again.",
    ),
    _problem(
        "X-22",
        ERROR,
        RECORD,
        "{place}: the row has no case reference. It was set aside.",
        "Fill in the case reference.",
    ),
    _problem(
        "X-23",
        ERROR,
        RECORD,
        "{place}: the cell does not look like a case reference: {why}. The row was set aside.",
        "Correct the reference. If yours look so, set case_ref_pattern in the source profile: it then decides alone.",
    ),
    _problem(
        "X-24",
        ERROR,
        RECORD,
        "{place}: {count} cells do not fit their columns; the columns look shifted. The row was set aside.",
        "Compare the row with the headings; look for a missing or added cell.",
    ),
    _problem(
        "X-25",
        ERROR,
        RECORD,
        "{place}: the same {key} as in an earlier row ({first}). This one was set aside.",
        "Keep one of the rows.",
    ),
    _problem(
        "X-26",
        WARNING,
        RECORD,
        "{place}: the row is the same as an earlier one ({first}); both were kept, as they have no number.",
        "Remove it if it was exported twice.",
    ),
    _problem(
        "X-27",
        ERROR,
        RECORD,
        "{place}: no section takes this row. It was set aside.",
        "Correct the row, or the conditions (when) of the source profile; allow_unused_rows lets such rows go.",
    ),
    _problem(
        "X-28",
        ERROR,
        RECORD,
        "{place}: the row adds columns to a row of {section} that does not exist. It was set aside.",
        "Add the missing row, or correct the reference.",
    ),
    _problem(
        "X-29",
        ERROR,
        RECORD,
        "{place}: the cell is empty, so the row cannot be told from others. It was set aside.",
        "Fill the cell in.",
    ),
    _problem(
        "X-30",
        ERROR,
        RECORD,
        "{place}: the cell is not a date. Expected: {expected}.",
        "Correct the date, or name its form under dates in the source profile.",
        WARNING,
    ),
    _problem(
        "X-31",
        ERROR,
        RECORD,
        "{place}: the date's year has two digits, which could mean two centuries. Expected: {expected}.",
        "Write the year with four digits, or say in the source profile (two_digit_years) which years two digits mean; a"
        " birth needs four.",
        WARNING,
    ),
    _problem(
        "X-32",
        ERROR,
        RECORD,
        "{place}: the cell is not a whole number.",
        "Write digits only, such as 3.",
        WARNING,
    ),
    _problem(
        "X-33",
        ERROR,
        RECORD,
        "{place}: the cell is not a number.",
        "Write a number such as 1234.50.",
        WARNING,
    ),
    _problem(
        "X-34",
        ERROR,
        RECORD,
        "{place}: the cell is neither yes nor no.",
        "Write yes or no, or name the spelling under codes of the column in the source profile.",
        WARNING,
    ),
    _problem(
        "X-35",
        ERROR,
        RECORD,
        "{place}: the spelling is not in the code list {codelist}.{near}",
        "Correct it, or add the spelling under [codes.{codelist}] in the source profile.",
        WARNING,
    ),
    _problem(
        "X-36",
        WARNING,
        RETURN,
        "{place}: {count} cells hold a time of day; the day was taken and the time left out.",
        "Export the column as a date.",
    ),
    _problem(
        "X-37",
        WARNING,
        RETURN,
        "{place}: the export has no dependent flag; it was derived from age, education and where the person lives.",
        "Export the flag: a dependent child is not simply a person under 18.",
    ),
    _problem(
        "X-40",
        ERROR,
        RETURN,
        "{place}: {what}, and {count} something else that the source profile does not name.",
        "Correct the source profile; the nearest text of the column stands under value. Name under leave_out what rows"
        " may rightly have there.",
    ),
    _problem(
        "X-41",
        WARNING,
        RETURN,
        "{place}: {what}.",
        "Correct the source profile if it is misspelt; the nearest text that the column holds stands under value.",
    ),
    _problem(
        "X-42",
        WARNING,
        RETURN,
        "{place}: the export has no such file or sheet; the source profile calls it optional.{near}",
        "Nothing, if there was nothing to export; otherwise add the file, or correct its name in the source profile.",
    ),
    _problem(
        "X-43",
        WARNING,
        RETURN,
        "{place}: no cell has {what}, and the export has a spelling close to it that is not understood.",
        "Correct the spelling in the source profile; the nearest one of the export stands under value.",
    ),
    _problem(
        "X-44",
        WARNING,
        RETURN,
        "{place}: the file has no column {what}, which the source profile calls optional; the fields are blank.{near}",
        "Nothing, if the system does not hold it; otherwise correct the heading in the source profile.",
    ),
    _problem(
        "X-45",
        ERROR,
        RETURN,
        "{place}: the columns repeat more often than the source profile says (repeat = {repeat}); {count} cells beyond"
        " it were not read.",
        "Set repeat in the source profile to the number of repeats that the file has.",
    ),
    _problem(
        "X-46",
        WARNING,
        RETURN,
        "{count} of codes in the source profile occur in no cell of the export: {what}.",
        "Nothing, where no case has such a code; they all stand under value. Otherwise correct them.",
    ),
    _problem(
        "X-47",
        WARNING,
        RETURN,
        "{place}: {count} of {of} filled cells have no piece {part} when they are parted by '{split}', so {what} is"
        " blank there.",
        "Correct split and part in the source profile, or the cells.",
    ),
    _problem(
        "X-48",
        WARNING,
        RETURN,
        "{place}: {count} a text close to {what}, by which the source profile takes rows, but not the same.",
        "Add the spelling to when, or name it under leave_out; it stands under value.",
    ),
)

PROBLEMS: dict[str, Problem] = {problem.id: problem for problem in (*_ALL, *OF_CELLS, *OF_RETURNS, *OF_STEPS)}
"""Every kind of trouble by its id."""
