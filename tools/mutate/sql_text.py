"""Mutants of a SQL file: one token or one operand changed by its position, the rest of the text as it was written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlglot
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from tools.mutate.mutant import Mutant, make

# A macro is no statement that sqlglot knows by its parts; it says so each time.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "=", "!=": "="}
FUNCTIONS = {"greatest": "least", "least": "greatest", "max": "min", "min": "max", "bool_or": "bool_and"}
FUNCTIONS |= {"bool_and": "bool_or", "count_if": "count", "any_value": "max"}
OPENING, CLOSING = {"(", "[", "case"}, {")", "]", "end"}
CONDITION = {"where", "on", "having", "qualify", "when"}
JOINS = {"join", "left", "right", "inner", "full", "outer", "cross", "semi", "anti", "asof"}
# An expression ends where one of these begins.
TERMINATORS = {
    *("select", "from", "where", "on", "using", "having", "qualify", "limit", "union", "except", "intersect", "with"),
    *(
        "when",
        "then",
        "else",
        "as",
        ",",
        ";",
        "group by",
        "order by",
        "partition by",
        "rows",
        "range",
        "all",
        "distinct",
    ),
    *JOINS,
}
PARTS_OF_DATES = {"day", "week", "month", "quarter", "year"}


@dataclass
class _Item:
    """One token, or a bracket with all that it holds."""

    first: int
    last: int
    group: list[_Segment] = field(default_factory=list)


@dataclass
class _Segment:
    """The items between two terminators on one level."""

    starter: str
    opener: int
    items: list[_Item] = field(default_factory=list)


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.tokens: list[Token] = list(DuckDB().tokenize(text))
        self.words = [token.text.lower() if token.token_type is not TokenType.STRING else "''" for token in self.tokens]

    def span(self, first: int, last: int) -> tuple[int, int]:
        return self.tokens[first].start, self.tokens[last].end + 1

    def replaced(self, first: int, last: int, new: str, what: str) -> Mutant:
        return make(self.file, self.text, *self.span(first, last), new, what)

    def source(self, first: int, last: int) -> str:
        start, end = self.span(first, last)
        return self.text[start:end]

    def segments(self) -> list[_Segment]:
        """The segments of the outermost level; those of a bracket hang on its item."""
        levels: list[list[_Segment]] = [[_Segment("", -1)]]
        opened: list[int] = []
        for place, word in enumerate(self.words):
            if word in OPENING:
                opened.append(place)
                levels.append([_Segment(word, place)])
            elif word in CLOSING and opened:
                inside = levels.pop()
                levels[-1][-1].items.append(_Item(opened.pop(), place, inside))
            elif word in TERMINATORS:
                levels[-1].append(_Segment(word, place))
            else:
                levels[-1][-1].items.append(_Item(place, place))
        return levels[0]

    def word(self, item: _Item) -> str:
        return self.words[item.first] if item.first == item.last else "()"


def _walk(segments: list[_Segment]) -> Iterator[_Segment]:
    for segment in segments:
        yield segment
        for item in segment.items:
            yield from _walk(item.group)


def _split(reader: _Reader, items: list[_Item], word: str) -> list[list[_Item]]:
    """Operands of ``and`` or ``or`` in an expression; the ``and`` of a ``between`` is none."""
    parts: list[list[_Item]] = [[]]
    between = False
    for item in items:
        here = reader.word(item)
        if here == "between":
            between = True
        if here == word and not (word == "and" and between):
            parts.append([])
            continue
        if here == "and" and between:
            between = False
        parts[-1].append(item)
    return parts


def _operands(reader: _Reader, segment: _Segment) -> Iterator[Mutant]:
    """Each operand of a chain dropped; a condition that stands alone switched on (a filter) or off (a branch)."""
    alternatives = [part for part in _split(reader, segment.items, "or") if part]
    yield from _dropped(reader, alternatives)
    for part in alternatives:
        yield from _dropped(reader, [one for one in _split(reader, part, "and") if one])
    alone = len(alternatives) == 1 and len(_split(reader, segment.items, "and")) == 1
    if alone and segment.starter in CONDITION - {"on"} and segment.items:
        first, last = segment.items[0].first, segment.items[-1].last
        if segment.starter != "when":
            yield reader.replaced(first, last, "true", "condition dropped")
        elif first != last or reader.tokens[first].token_type is not TokenType.STRING:
            yield reader.replaced(first, last, "false", "branch dropped")


def _dropped(reader: _Reader, parts: list[list[_Item]]) -> Iterator[Mutant]:
    if len(parts) < 2:
        return
    for place, part in enumerate(parts):
        first, last = part[0].first, part[-1].last
        if place:
            first = parts[place - 1][-1].last + 1
        else:
            last = parts[1][0].first - 1
        yield reader.replaced(first, last, "", "operand dropped")


def _between(reader: _Reader, segment: _Segment) -> Iterator[Mutant]:
    for alternative in _split(reader, segment.items, "or"):
        for part in _split(reader, alternative, "and"):
            words = [reader.word(item) for item in part]
            if words.count("between") != 1 or "not" in words:
                continue
            place = words.index("between")
            middle = next((n for n in range(place, len(words)) if words[n] == "and"), None)
            if not place or middle is None or middle + 1 >= len(part):
                continue
            value = reader.source(part[0].first, part[place - 1].last)
            low = reader.source(part[place + 1].first, part[middle - 1].last)
            high = reader.source(part[middle + 1].first, part[-1].last)
            whole = (part[0].first, part[-1].last)
            yield reader.replaced(*whole, f"({value} > {low} and {value} <= {high})", "first bound left out")
            yield reader.replaced(*whole, f"({value} >= {low} and {value} < {high})", "last bound left out")


def _ordering(reader: _Reader, segments: list[_Segment]) -> Iterator[Mutant]:
    """Every key of an ``order by`` turned round."""
    ordering = False
    for segment in segments:
        if segment.starter == "order by":
            ordering = True
        elif segment.starter != ",":
            ordering = False
        if not ordering or not segment.items:
            continue
        words = [reader.word(item) for item in segment.items]
        if "desc" in words:
            item = segment.items[words.index("desc")]
            yield reader.replaced(item.first, item.last, "asc", "order turned")
            continue
        if "asc" in words:
            item = segment.items[words.index("asc")]
            yield reader.replaced(item.first, item.last, "desc", "order turned")
            continue
        cut = words.index("nulls") if "nulls" in words else len(words)
        first, last = segment.items[0].first, segment.items[cut - 1].last
        yield reader.replaced(first, last, reader.source(first, last) + " desc", "order turned")


def _calls(reader: _Reader, segment: _Segment) -> Iterator[Mutant]:
    """A coalesce without its default; the other one of two functions."""
    for item, following in zip(segment.items, segment.items[1:], strict=False):
        name = reader.word(item)
        if not following.group or reader.words[following.first] != "(":
            continue
        if name == "coalesce":
            arguments = following.group
            if len(arguments) > 1 and arguments[-1].items:
                first = arguments[-1].opener
                yield reader.replaced(first, arguments[-1].items[-1].last, "", "default dropped")
        elif name in FUNCTIONS:
            yield reader.replaced(item.first, item.last, FUNCTIONS[name], "other function")


def _constant(text: str, place: int, reader: _Reader) -> str | None:
    token = reader.tokens[place]
    if token.token_type is TokenType.NUMBER:
        return str(int(token.text) + 1) if token.text.isdigit() else str(float(token.text) + 1)
    if token.token_type is TokenType.STRING:
        if token.text in PARTS_OF_DATES:
            return None
        try:
            return f"'{date.fromisoformat(token.text) - timedelta(days=1)}'"
        except ValueError:
            return "'" + (token.text + "_").replace("'", "''") + "'"
    return {"true": "false", "false": "true"}.get(text)


def _tokens(reader: _Reader) -> Iterator[Mutant]:
    between: list[int] = []
    depth = 0
    words = reader.words
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        depth += (word in OPENING) - (word in CLOSING)

        def put(new: str, what: str, place: int = place) -> Mutant:
            return reader.replaced(place, place, new, what)

        if word in COMPARISONS:
            yield put(COMPARISONS[word], "comparison")
        elif word == "between":
            between.append(depth)
        elif word == "and":
            if between and between[-1] == depth:
                between.pop()
            else:
                yield put("or", "and/or")
        elif word == "or":
            yield put("and", "and/or")
        elif word == "not":
            yield put("", "not dropped")
        elif word == "is" and after == "null":
            yield put("is not", "null test")
        elif word == "distinct" and before not in {"not", "is"} and after != "on":
            yield put("", "distinct dropped")
        elif word == "all" and before == "union":
            yield put("", "duplicates dropped")
        elif word in {"+", "-"} and (before in {")", "]", "end", "''"} or before[-1:].isalnum()):
            yield put("-" if word == "+" else "+", "arithmetic")
        elif word in {"left", "inner", "full", "semi", "anti"} and "join" in words[place + 1 : place + 3]:
            other = {"left": "inner", "inner": "left", "full": "left", "semi": "anti", "anti": "semi"}[word]
            yield put(other, "join")
        elif word == "join" and before not in JOINS:
            yield put("left join", "join")
        elif (new := _constant(word, place, reader)) is not None:
            yield put(new, "constant")


def _parsed(text: str) -> tuple[object, ...] | None:
    """The meaning of a text, or none where it is not SQL."""
    try:
        return tuple(sqlglot.parse(text, dialect="duckdb"))
    except SqlglotError:
        return None


def mutants(file: str, text: str) -> list[Mutant]:
    """All mutants of one file in the order of their place, each with a meaning other than the file's own."""
    reader = _Reader(file, text)
    segments = reader.segments()
    found = list(_tokens(reader))
    levels = [segments, *(item.group for one in _walk(segments) for item in one.items if item.group)]
    for level in levels:
        found += _ordering(reader, level)
    for segment in _walk(segments):
        found += [*_operands(reader, segment), *_between(reader, segment), *_calls(reader, segment)]
    return _with_a_meaning_of_their_own(text, found)


def _with_a_meaning_of_their_own(text: str, found: list[Mutant]) -> list[Mutant]:
    """Without those that do not parse or that only leave out what says nothing; a swapped word needs no parsing."""
    meaning = _parsed(text)
    seen: set[str] = set()
    kept = []
    for mutant in sorted(found, key=lambda one: (one.start, one.end, one.new)):
        changed = mutant.apply(text)
        if changed in seen:
            continue
        seen.add(changed)
        if (
            meaning is None
            or not mutant.what.endswith(("dropped", "left out"))
            or _parsed(changed) not in (None, meaning)
        ):
            kept.append(mutant)
    return kept
