"""One step from rows to rows, in SQL over the workspace: what it makes, and what it has to say of the data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import InputError
from pipelines.extract.headings import nearest
from pipelines.extract.parsing import blank_texts, fold
from schemas.sources.shape import Spelling

INPUT = "rows before the step"
"""Name of the relation before the step; no file has it."""
BEFORE = f'"{INPUT}"'
AT = "_at"
# DuckDB numbers the second of two columns of one name.
_HIDDEN = re.compile(r"_(?:file|row)(?:_\d+)?|_at(?::.*)?", re.DOTALL)

_MARKS = {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "\u00a0": " ", "’": "'", "‘": "'"}
_NO_ROOM = "\u00ad\u200b\u200c\u200d\u2060\ufeff"


@dataclass(frozen=True)
class Said:
    """A finding of a step."""

    problem: str
    words: Mapping[str, Any] = field(default_factory=dict)
    column: str | None = None
    section: str | None = None
    fields: str | None = None
    value: str | None = None
    """For the findings file; the mask where it may be personal."""
    at: tuple[int, int] | None = None
    """The first row concerned: number of its file or sheet, and row there."""
    softened: bool = False
    """The severity is the milder one of its kind (``local_severity``)."""


Judge = Callable[[Mapping[str, Any]], Iterable[Said]]


@dataclass(frozen=True)
class Check:
    """A query over ``INPUT``, other relations and the step's helpers, and what each row of its result says."""

    sql: str
    judge: Judge


@dataclass(frozen=True)
class Step:
    """Makes rows of the rows before it, the relation ``INPUT``.

    First the helpers are made, in order, each a relation of its name; then the step's own relation. The checks are
    asked while ``INPUT`` is still the relation before the step; then the helpers may go.
    """

    name: str
    """What the account of rows calls it: keep last by 'Updated'."""
    sql: str
    reads: tuple[str, ...] = ()
    """Relations beside ``INPUT``, helpers left out."""
    looks_up: tuple[str, ...] = ()
    """Those of them that are look-ups: no row is made of theirs, they say what cells mean."""
    helpers: tuple[tuple[str, str], ...] = ()
    checks: tuple[Check, ...] = ()
    said: tuple[Said, ...] = ()
    """What is known without looking at the rows."""


class Headings:
    """The columns of a relation by heading; headings compare folded."""

    def __init__(self, columns: Iterable[str]) -> None:
        every = list(columns)
        self.hidden = [one for one in every if is_hidden(one)]
        self.names = [one for one in every if not is_hidden(one)]
        self._by_fold: dict[str, str] = {}
        for one in self.names:
            self._by_fold.setdefault(fold(one), one)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def find(self, heading: str) -> str | None:
        """The column under the heading, or none."""
        return self._by_fold.get(fold(heading))

    def need(self, heading: str, place: str, name: str) -> str:
        """The column under the heading.

        Args:
            heading: what the profile writes.
            place: where it writes it.
            name: what messages call the relation.

        Raises:
            InputError: there is none.
        """
        if heading in ("_file", "_row") and heading in self.hidden:
            return heading
        if (found := self.find(heading)) is not None:
            return found
        near = nearest(heading, self._by_fold)
        # Where the headings are missing, what stands in their place is a value: it is told by its number.
        hint = f" Its column {list(self._by_fold).index(near[0]) + 1} has a heading close to it." if near else ""
        raise InputError(
            f"{place}: {name} has no column '{heading}'.{hint} Correct the heading in the source profile, or add the"
            " column to the export."
        )

    def place_of(self, heading: str) -> str | None:
        """The hidden column that holds the place of the column's cells, or none."""
        return f"{AT}:{heading}" if f"{AT}:{heading}" in self.hidden else None


def is_hidden(column: str) -> bool:
    """Whether the column tells where the row comes from, and is none of its contents."""
    return _HIDDEN.fullmatch(column) is not None


def quoted(name: str) -> str:
    """The name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def folded(expression: str) -> str:
    """The text as ``parsing.fold`` makes it; both sides of a comparison are folded in SQL."""
    plain = f"translate({expression}, {literal(''.join(_MARKS) + _NO_ROOM)}, {literal(''.join(_MARKS.values()))})"
    slow = rf"lower(trim(regexp_replace({plain}, '\s+', ' ', 'g')))"
    # Nearly all cells are plain already, and are told so in a tenth of the time.
    return f"case when regexp_full_match({expression}, '[!-~]+(?: [!-~]+)*') then lower({expression}) else {slow} end"


def is_filled(expression: str, spelling: Spelling) -> str:
    """Whether the cell holds anything: it is not null, and no text that means an empty cell."""
    texts = sorted(blank_texts(in_text=True) | {fold(one) for one in spelling.blanks})
    return f"({expression} is not null and {folded(expression)} not in ({', '.join(map(literal, texts))}))"


def is_one_of(expression: str, texts: Iterable[str]) -> str:
    """Whether the text is one of these."""
    return f"coalesce({folded(expression)} in ({', '.join(folded(literal(one)) for one in texts)}), false)"


def first_place(at: str = AT) -> str:
    """The first place of a list of them as one number, which sorts by file and row."""
    return f"({at}[1].t::bigint * 1099511627776 + {at}[1].r)"


def place(number: Any) -> tuple[int, int] | None:
    """File and row of such a number."""
    return None if number is None else divmod(int(number), 1099511627776)


def counted(count: int, noun: str) -> str:
    """``1 row``, ``3 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """The headings in quotation marks."""
    return " and ".join(f"'{one}'" for one in names)


def united(places: str, condition: str = "true") -> str:
    """Lists of places of several rows as one, each once, sorted; of the rows that fit the condition."""
    of = "" if condition == "true" else f" filter (where {condition})"
    numbers = f"flatten(list(list_transform({places}, lambda one: one.t::bigint * 1099511627776 + one.r)){of})"
    return (
        f"list_transform(list_sort(list_distinct({numbers})),"
        " lambda one: {'t': (one // 1099511627776)::integer, 'r': one % 1099511627776})"
    )


def both(ours: str, theirs: str) -> str:
    """Two lists of places as one, each once, sorted; the second may be null."""
    one, two = f"{ours}[1]", f"{theirs}[1]"
    # Nearly all rows come from one place each; sorting lists takes three times as long.
    return (
        f"case when {theirs} is null then {ours}"
        f" when len({ours}) = 1 and len({theirs}) = 1 and {one} < {two} then [{one}, {two}]"
        f" when len({ours}) = 1 and len({theirs}) = 1 and {two} < {one} then [{two}, {one}]"
        f" else list_sort(list_distinct(list_concat({ours}, {theirs}))) end"
    )
