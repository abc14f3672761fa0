"""What can be wrong with the steps between an export's files and its sections: a part of ``problems``."""

from __future__ import annotations

from pipelines.extract.problem import Problem
from pipelines.extract.reasons import BLANKED, DOUBLED, GUESS, LOST, NOT_MEANT
from pipelines.findings import ERROR, FIX, RETURN, TIDY, WARNING

OF_STEPS = (
    Problem(
        "X-80",
        ERROR,
        RETURN,
        "{place}: the step gives no row, although what it reads has rows.",
        "Correct its conditions in the source profile, or the files. If there is rightly nothing, write optional = true"
        " in the table that reads it.",
        WARNING,
        why=LOST,
    ),
    Problem(
        "X-81",
        ERROR,
        RETURN,
        "{place}: for {count} there are several in {other}, so the join would multiply them; the first one was taken.",
        "Write keep and order_by in the join to choose one, or where; or many = true, if each of them is to be a row.",
        why=DOUBLED,
    ),
    Problem(
        "X-82",
        ERROR,
        RETURN,
        "{place}: a row of {other} was found for only {matched} of the {asked} with a key; that is under half.",
        "Compare the two columns of on. If not every row has one there, write optional = true in the join.",
        why=LOST,
    ),
    Problem(
        "X-83",
        ERROR,
        RETURN,
        "{place}: no row of {other} was found for any of the {asked} with a key.",
        "Compare the two columns of on, and the conditions under where, with the files.",
        WARNING,
        why=LOST,
    ),
    Problem(
        "X-85",
        ERROR,
        RETURN,
        "{place}: the column is in {other} too and differs in {count}; the table's own was read.",
        "Give the join a prefix and write it in the headings of the mapping that mean the other file.",
        why=GUESS,
    ),
    Problem(
        "X-86",
        WARNING,
        RETURN,
        "{place}: the source profile does not name {count}, so nothing was read there.",
        "Map them in the source profile, or list them under ignore; the headings stand under value.",
        kind=TIDY,
        why=LOST,
    ),
    Problem(
        "X-87",
        ERROR,
        RETURN,
        "{place}: the look-up {other} has no entry, so {cells} can only be read as blank.",
        "Correct key, label and where of codes_from, or the file.",
        why=BLANKED,
    ),
    Problem(
        "X-88",
        ERROR,
        RETURN,
        "{place}: the look-up {other} has several labels for the key in {count}, read as blank.",
        "Choose the list by where in codes_from, or correct the file; the keys stand under value.",
        why=GUESS,
    ),
    Problem(
        "X-89",
        ERROR,
        RETURN,
        "{place}: the look-up {other} lacks the key in {count}, read as blank.",
        'Add the keys to the file; they stand under value. others = "keep" lets such cells stay as they are.',
        WARNING,
        why=BLANKED,
    ),
    Problem(
        "X-90",
        ERROR,
        RETURN,
        "{place}: rows that are the same by {per} differ otherwise, and nothing says which is the {which}; the {which}"
        " in the file was kept, and {count} left.",
        'Write order_by beside keep, the column that tells the order: order_by = "Updated".',
        why=GUESS,
    ),
    Problem(
        "X-91",
        ERROR,
        RETURN,
        "{place}: which of the rows that are the same by {per} is the {which} cannot be told; with the same {column} as"
        " the one that was kept there are others that differ from it: {count}.",
        "Name a further column under order_by, or correct the rows.",
        why=GUESS,
    ),
    Problem(
        "X-92",
        ERROR,
        RETURN,
        "{place}: which of the rows that are the same by {per} is the {which} cannot be told where this is blank:"
        " {count}.",
        "Fill in the cells, or name another column under order_by.",
        why=GUESS,
    ),
    Problem(
        "X-93",
        ERROR,
        RETURN,
        "{place}: the cells by which the {which} row is to be told are neither all dates nor all numbers; not read:"
        " {count}.",
        "Correct them, name their form of date under dates in the source profile, or another column under order_by.",
        why=GUESS,
    ),
    Problem(
        "X-94",
        ERROR,
        RETURN,
        "{place}: one {per} has several different values for it, so the cell is blank there: {count}.",
        "Write keep and order_by to choose one of the rows, or name the text under collect in pivot, if the field takes"
        " several.",
        why=GUESS,
    ),
    Problem(
        "X-95",
        ERROR,
        RETURN,
        "{place}: no row has the text '{text}' under '{name}', so the field is blank; not mapped there: {count}.",
        "Correct the heading in the source profile, or list the other texts under ignore.",
        WARNING,
        why="A field whose source is not found is blank in every case, as if nobody had ever been asked.",
    ),
    Problem(
        "X-96",
        WARNING,
        RETURN,
        "{place}: the source profile has no heading for {count}, so nothing was read of {rows}.",
        "Map them as headings in the source profile, or list them under ignore; the most frequent stand under value.",
        kind=FIX,
        why=LOST,
    ),
    Problem(
        "X-97",
        ERROR,
        RETURN,
        "{place}: the rows of one {per} become one row and differ here, so the cell is blank: {count}.",
        "Name the column under value in pivot, under column in collect, or under per, or take it out of the mapping.",
        why=GUESS,
    ),
    Problem(
        "X-98",
        WARNING,
        RETURN,
        "{place}: no table of the source profile reads it, so it was not done.",
        "Name it under from in a [[table]], or take it out of the source profile.",
        kind=TIDY,
        why=NOT_MEANT,
    ),
    Problem(
        "X-99",
        ERROR,
        RETURN,
        "{place}: the text '{by}' by which cells are joined stands within {count}, so they would come apart in"
        " the wrong place.",
        "Choose another text for by, and for separator or split_rows.",
        why="A text that comes apart in the wrong place gives two answers that nobody gave.",
    ),
)
