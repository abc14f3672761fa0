"""What DuckDB refuses, as a plain sentence without any value of the data, and on which line of the statement it is.

DuckDB's messages quote cells where a cell is the reason; of those nothing is kept but the column's name, and that only
where the statement itself mentions it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

import duckdb

from pipelines.extract.parsing import fold
from pipelines.extract.steps.parsed import NO_LOCATION, Node, StatementError, line_of, parse, stripped, walk

_LINE = re.compile(r"^LINE (\d+): (.*)", re.MULTILINE)
_COLUMN = re.compile(r'Referenced column "?(.+?)"? not found|does not have a column named "(.+?)"', re.DOTALL)
_TABLE = re.compile(r'Referenced table "(.+?)" not found', re.DOTALL)
_RELATION = re.compile(r"Table with name (.+?) does not exist", re.DOTALL)
_FUNCTION = re.compile(r"Function with name (.+?) does not exist", re.DOTALL)
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "(.+?)" \(use', re.DOTALL)
_UNGROUPED = re.compile(r'column "(.+?)" must appear in the GROUP BY', re.DOTALL)
_JOINED = re.compile(r'Column "(.+?)" does not exist on (left|right) side of join', re.DOTALL)
_EXCLUDED = re.compile(r'Column "(.+?)" in (EXCLUDE|REPLACE|RENAME) list not found', re.DOTALL)
_ARGUMENTS = re.compile(r"No function matches the given name and argument types '([^'\n]*)'")
_CANDIDATES = re.compile(r"Candidate (?:bindings|tables): :?(.*)|Did you mean (.*)\?")
_SOURCE = re.compile(r"when casting from source column (.+?)\s*(?:\n|$)")
_KINDS = {
    "date": r"\bdate field|\bDATE\b",
    "point in time": r"timestamp field|\bTIMESTAMP",
    "time of day": r"time field|\bTIME\b",
    "number": r"\bU?(?:INT|HUGEINT)\d*\b|\bDOUBLE\b|\bFLOAT\b|\bDECIMAL|BIGINT|INTEGER",
    "yes or no": r"\bBOOL",
}
_CLOSE = 0.7


def sentence(error: duckdb.Error, sql: str) -> tuple[str, int | None]:
    """A refusal of DuckDB as a sentence without a value of the data, and the line of the statement, where known.

    Args:
        error: raised when the statement, or what ``traced`` makes of it, was planned or done.
        sql: the statement as its author has written it.
    """
    text = str(error)
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)):
        return _name_of(text, sql), _line_in(text, sql)
    if isinstance(error, duckdb.OutOfMemoryException):
        return "it needs more memory than a statement may take; take fewer columns or rows at a time", None
    if isinstance(error, duckdb.InterruptException):
        return "it takes too long", None
    if isinstance(error, duckdb.ConversionException):
        return _cell_of(text, sql)
    if isinstance(error, duckdb.OutOfRangeException):
        return "a number gets larger than its type can hold; make it a double or a decimal", None
    if "More than one row returned by a subquery" in text:
        return "a select in brackets that stands for one value gives more than one row; take max(…) or a join", None
    if "according to format specifier" in text:
        return "a cell does not fit the format of strptime; use try_strptime, which leaves such cells empty", None
    if isinstance(error, duckdb.PermissionException) or "disabled by configuration" in text:
        return "it reaches for what is no part of the export", None
    if isinstance(error, duckdb.IOException):
        return "the disk cannot hold what it makes", None
    return (
        "a cell does not fit what it asks for; leave such rows out with where, or use the functions that begin with"
        " try_",
        None,
    )


def _name_of(text: str, sql: str) -> str:
    """A name or a type that does not fit: known before any cell is read."""
    if found := _COLUMN.search(text):
        return f"there is no column {found[1] or found[2]}{_near(found[1] or found[2], text)}"
    if found := _EXCLUDED.search(text):
        return f"there is no column {found[1]}, which it names in {found[2].lower()}"
    if found := _JOINED.search(text):
        return f"there is no column {found[1]} on the {found[2]} side of the join"
    if found := _TABLE.search(text):
        return f"no table in its from is called {found[1]}{_near(found[1], text)}"
    if found := _RELATION.search(text):
        return f"the export has no file or sheet {found[1]}{_near(found[1], text)}"
    if found := _FUNCTION.search(text):
        return f"there is no function {found[1]}{_near(found[1], text)}"
    if found := _AMBIGUOUS.search(text):
        return f"the column {found[1]} stands in several of its tables; write the name of the table and a dot before it"
    if found := _UNGROUPED.search(text):
        return f"the column {found[1]} is neither in group by nor in a function of many rows; take max({found[1]})"
    if found := _ARGUMENTS.search(text):
        return f"{found[1]} is nothing that can be reckoned; columns of files are text: make numbers with try_cast"
    if "same number of result columns" in text:
        return "the selects that union, intersect or except join have different numbers of columns"
    first = text.partition("\n")[0].partition(": ")[2] or "it cannot be done"
    return first if _is_of_statement(first, sql) else "its names or types do not fit together"


def _is_of_statement(message: str, sql: str) -> bool:
    """Whether all that a message quotes stands in the statement."""
    return all(one in sql for one in re.findall(r"[\"']([^\"']*)[\"']", message))


def _near(name: str, text: str) -> str:
    """The nearest of the names that DuckDB offers.

    Only one that is close to what the statement says: where a file lacks its headings, its first row stands for them.
    """
    found = _CANDIDATES.search(text)
    if not found:
        return ""
    names = {fold(one.rpartition(".")[2]): one for one in re.findall(r'"((?:[^"]|"")+)"', found[1] or found[2])}
    near = difflib.get_close_matches(fold(name), names, n=1, cutoff=_CLOSE)
    return f". Did you mean {names[near[0]]}?" if near else ""


def _line_in(text: str, sql: str) -> int | None:
    """The line that DuckDB names, where what it shows stands there: it may have done the statement in other words."""
    found = _LINE.search(text)
    lines = stripped(sql).split("\n")
    if not found or int(found[1]) > len(lines):
        return None
    shown = found[2].strip().removeprefix("explain ").removeprefix("...").removesuffix("...").strip()
    return int(found[1]) if shown in lines[int(found[1]) - 1] else None


def _cell_of(text: str, sql: str) -> tuple[str, int | None]:
    """A cell that is not what the statement takes it for."""
    kind = next(
        (kind for kind, pattern in _KINDS.items() if re.search(pattern, text.partition("when casting")[0])), None
    )
    wanted = f"a {kind}" if kind else "what it asks for"
    advice = "use try_cast, or try_strptime for dates of a certain form, which leave such cells empty"
    casts = list(_casts(sql))
    found = _SOURCE.search(text)
    fitting = [(name, line) for name, line in casts if found and name.casefold() == found[1].casefold()]
    if not fitting:
        return f"a cell cannot be made into {wanted}; {advice}", casts[0][1] if len(casts) == 1 else None
    lines = {line for _, line in fitting}
    return f"a cell of the column {fitting[0][0]} cannot be made into {wanted}; {advice}", (
        lines.pop() if len(lines) == 1 else None
    )


def _casts(sql: str) -> Iterable[tuple[str, int | None]]:
    """Name and line of each column that the statement casts, as far as a bad cell makes it fail."""
    try:
        parsed = parse(sql)
    except StatementError:
        return
    for node in walk(parsed):
        if node.get("type") == "OPERATOR_CAST" and not node["try_cast"]:
            child: Node = node["child"]
            name = child["column_names"][-1] if child.get("class") == "COLUMN_REF" else ""
            locations = [one for one in walk(node) if one.get("query_location", NO_LOCATION) != NO_LOCATION]
            yield name, line_of(locations[0], sql) if locations else None
