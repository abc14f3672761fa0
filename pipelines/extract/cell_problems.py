"""What can be wrong with single cells, rows and sheets although they can be read: a part of ``problems``."""

from __future__ import annotations

from pipelines.extract.problem import Problem
from pipelines.extract.reasons import ASIDE, BLANKED, NOT_MEANT
from pipelines.findings import ERROR, FIX, RECORD, RETURN, TIDY, WARNING

OF_CELLS = (
    Problem(
        "X-60",
        ERROR,
        RECORD,
        "{place}: the cell holds a character that a return in XML cannot hold ({near}).",
        "Delete the character; it came from another program and shows as nothing or as a box.",
        WARNING,
        why="A file with such a character is refused as a whole by whoever reads it.",
    ),
    Problem(
        "X-61",
        ERROR,
        RECORD,
        "{place}: the cell holds the error of a spreadsheet formula, not a value.",
        "Mend the formula, or write the value.",
        WARNING,
        why="The cell shows an error of the spreadsheet, and what was meant is lost. It is read as blank.",
    ),
    Problem(
        "X-62",
        ERROR,
        RECORD,
        "{place}: the day cannot be right: it is not within {near}. It was taken for missing.",
        "Correct the year.",
        WARNING,
        in_profile="A system may export a day like 0001-01-01 or 1900-01-01 for a blank: list it under blanks.",
        why="A date outside all reason is mostly a slip or a stand-in for a blank. It is taken for missing.",
    ),
    Problem(
        "X-63",
        WARNING,
        RETURN,
        "{place}: the text looks as if it had been read in the wrong encoding, in {count} cells; this is the first.",
        "Export it again as UTF-8: one accented letter or apostrophe has become two or three characters.",
        kind=FIX,
        why="Names and places are sent as they are read, with the wrong letters.",
    ),
    Problem(
        "X-64",
        WARNING,
        RETURN,
        "{place}: {count} cells hold a character that is not seen or that stands for a lost one; this is the first.",
        "Type the text again. It is sent as it is.",
        kind=FIX,
        why="Text is sent as it is read, with a character that nobody sees or that stands for a lost one.",
    ),
    Problem(
        "X-65",
        ERROR,
        RETURN,
        "{place}: {count} cells of the column show the error of a formula, such as #REF! or #N/A, and were read as"
        " empty; this is the first.",
        "Mend the formulas, or write the values, and save the workbook.",
        WARNING,
        why=BLANKED,
    ),
    Problem(
        "X-66",
        ERROR,
        RETURN,
        "{place}: {count} cells of the column hold a formula whose result is not in the file, and were read as empty;"
        " this is the first.",
        "Open the workbook in a spreadsheet program, let it calculate, and save it; or save it as CSV.",
        WARNING,
        why=BLANKED,
    ),
    Problem(
        "X-67",
        ERROR,
        RETURN,
        "{place}: {count} merged cells reach into the rows of the table; only the first cell of each has the value,"
        " the others were read as empty. This is the first.",
        "Unmerge the cells and fill each of them.",
        why=BLANKED,
    ),
    Problem(
        "X-68",
        WARNING,
        RETURN,
        "{place}: {count} rows of the sheet are hidden; they were read like all others. This is the first.",
        "Delete them if they are no cases, or show them.",
        kind=FIX,
        why="Rows are often hidden because they should not count, and here they do.",
    ),
    Problem(
        "X-69",
        WARNING,
        RETURN,
        "{place}: {count} more columns have headings that are not in the source profile, so they were not read.",
        "Map them in the source profile, list them under ignore, or export fewer columns.",
        kind=TIDY,
        why="The columns are in no return and no figure. That is right for what nobody needs, and wrong"
        " for what was only called otherwise.",
    ),
    Problem(
        "X-70",
        ERROR,
        RECORD,
        "{place}: the row looks like a footer or a total of the report, not like a case. It was set aside.",
        "Export without it.",
        in_profile="Or name its first words under footer in the source profile: it is then left out.",
        why="A total read as a case would be counted as one. " + ASIDE,
    ),
    Problem(
        "X-71",
        ERROR,
        RECORD,
        "{place}: the row repeats the headings, so two files may have been joined here. It was set aside.",
        "Export the table in one piece.",
        in_profile="Or name the parts as files of their own in the source profile.",
        why="Headings read as a case would be counted as one. " + ASIDE,
    ),
    Problem(
        "X-72",
        WARNING,
        RETURN,
        "{place}: the footer that the source profile names is not there.",
        "Look whether the file was cut off before its end; otherwise take footer out of the source profile.",
        kind=FIX,
        why="The footer shows that the file is whole. Without it the last cases may have been cut off.",
    ),
    Problem(
        "X-73",
        ERROR,
        RECORD,
        "{place}: '{section}' has {count} rows of this case, more than a case can have. They were set aside.",
        "Look what the reference stands for: a test case, or a column that was filled down.",
        why="No household has so many. They are mostly rows of many cases under one reference.",
    ),
    Problem(
        "X-74",
        WARNING,
        RETURN,
        "{place}: no cell holds {what}, which the source profile replaces.",
        "Correct replace in the source profile if it is misspelt; case and spaces count there.",
        kind=TIDY,
        why=NOT_MEANT,
    ),
    Problem(
        "X-75",
        ERROR,
        RECORD,
        "{place}: the day of the week does not go with the date. Expected: {expected}.",
        "Correct the one or the other.",
        WARNING,
        in_profile="If most cells of the column are so, day and month stand the other way round: say so under dates in"
        " the source profile.",
        why="A weekday that does not go with the date shows that day and month were mixed up, or the date is another.",
    ),
    Problem(
        "X-76",
        WARNING,
        RETURN,
        "{place}: the median rate of {count} ({label}) is {side} what such accommodation costs a night, £{low} to"
        " £{high}.{near}",
        'Say in the source profile what the amounts are for: per = "week" beside the column. Nothing if all is well.',
        kind=TIDY,
        why="The cost of temporary accommodation is worked out from nightly charges. Weekly ones would"
        " make it seven times as high.",
    ),
    Problem(
        "X-77",
        WARNING,
        RETURN,
        "{place}: {count} people have an age and no date of birth; the age was carried on from the day on which it was"
        " taken, so it may be a year out.",
        "Export the date of birth where the system holds it.",
        kind=FIX,
        why="People are counted by age, and the age decides who is a child. One that may be a year out"
        " puts some into the wrong group.",
    ),
    Problem(
        "X-78",
        WARNING,
        RETURN,
        "{place}: {count} rows have a case reference that ends in .0, as a spreadsheet writes numbers; it was left out."
        " This is the first.",
        "Export the column as text. If the .0 belongs to the reference, let replace in the source profile write it"
        " otherwise.",
        kind=FIX,
        why="One case under two spellings of its reference is two cases.",
    ),
    Problem(
        "X-79",
        ERROR,
        RETURN,
        "{place}: {count} rows have a case reference that differs from that of a case only by zeros in front. This is"
        " the first.",
        "Export the column as text in all files: a spreadsheet drops the zeros.",
        why="One case under two spellings of its reference is two cases, and what belongs together comes apart.",
    ),
)
