"""What can be wrong with a return that is read as a source: a part of ``problems``."""

from __future__ import annotations

from pipelines.extract.problem import Problem
from pipelines.extract.reasons import ASIDE, BLANKED, LOST
from pipelines.findings import ERROR, FIX, RECORD, RETURN, TIDY, WARNING

OF_RETURNS = (
    Problem(
        "X-50",
        WARNING,
        RETURN,
        "{place}: the return profile has no place for {what}, so it was not read ({count}).",
        "Check that the return profile is the one that the return was made with; map it there if it is needed.",
        kind=FIX,
        why=LOST,
    ),
    Problem(
        "X-51",
        ERROR,
        RECORD,
        "{place}: the value is not one that the return profile writes for '{field}'.{near}",
        "Correct it in the case system.",
        WARNING,
        in_profile="Or add the value under [codes.{codelist}] of the return profile.",
        why=BLANKED,
    ),
    Problem(
        "X-52",
        ERROR,
        RECORD,
        "{place}: the value is not written as the return profile writes this field (its dates, or its yes and no).",
        "Correct the return, or check that the return profile is the one that it was made with.",
        WARNING,
        why=BLANKED,
    ),
    Problem(
        "X-53",
        WARNING,
        RETURN,
        "{place}: {count} of the return profile's values stand for several codes each; the first of them was taken.",
        "Nothing can tell the codes apart in this return. They stand under value.",
        kind=TIDY,
        why="Answers that the return writes alike cannot be told apart when it is read back, so figures by"
        " them may differ.",
    ),
    Problem(
        "X-54",
        ERROR,
        RECORD,
        "{place}: the element is of none of the return profile's groups of rows. It was set aside.",
        "Check that the return profile is the one that the return was made with.",
        why=ASIDE,
    ),
    Problem(
        "X-55",
        ERROR,
        RECORD,
        "{place}: the case file gives another value for the same person; that of the case file was taken.",
        "Make both files anew from one export: one of them is of another day.",
        why="The two files of a return are of the same people. Where they differ, one of them is of another day.",
    ),
    Problem(
        "X-56",
        WARNING,
        RETURN,
        "{place}: the return profile writes no number of the person into both files, so nothing tells whose personal"
        " data these are; they were not used.",
        "Nothing, where the return is only checked or tabulated. Otherwise map people.person_no in both files.",
        kind=TIDY,
        why="Personal data given to the wrong person would be worse than none.",
    ),
)
