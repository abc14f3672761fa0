"""The rows of a return as tables of text, one a section, in our codes: what its elements say, and where they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl
from lxml import etree

from pipelines.emit.returns.official import ReturnProfile
from pipelines.emit.returns.readback import Reader, Units
from pipelines.emit.returns.source.documents import Document, Files, read_documents
from pipelines.emit.returns.source.strange import Known, fits, known_of, line_of, unknown
from schemas.codelists import codelist
from schemas.returns import Group, Mapped, Profile
from schemas.sections import SECTION, Column

PERSONAL = "personal"
"""Name of the table of the personal-data file; the others have the names of their sections."""
CODE, FORM = "X-51", "X-52"
_APART = "\t"
_ROWS_AT_ONCE = 20_000


@dataclass
class Table:
    """Rows of one section."""

    section: str
    columns: tuple[str, ...]
    frame: pl.DataFrame
    """One row per row of the section: ``_row`` (from 1), ``_document``, ``_line``, ``_group`` and the columns, in our
    codes, ISO days and words; what is not understood is null."""
    raw: pl.DataFrame
    """One row per cell that is not understood: ``_row``, ``column``, ``raw`` and ``problem``."""
    several: dict[str, dict[str, tuple[str, ...]]]
    """Column → value that stands for several codes → these codes, of which the first was taken."""
    elements: tuple[str, ...]
    """By number of a group: the path of its element."""
    names: tuple[dict[str, str], ...]
    """By number of a group: path of the element or attribute by column, from the element of the row."""
    is_numbered: bool
    """Whether the return writes the number of the row."""


@dataclass(frozen=True)
class Stray:
    """An element that no group of the profile takes, whole."""

    document: int
    line: int
    element: str
    case_ref: str | None
    content: str


@dataclass
class ReadReturn:
    """A return as read."""

    documents: list[Document]
    tables: dict[str, Table]
    strays: list[Stray]
    unknown: dict[tuple[int, str], tuple[int, int]]
    """Document and path of what the profile has no place for → how often, and the first line."""
    people: list[str] = field(default_factory=list)
    """Of a personal-data file that is only counted: one ``case#number`` per person, in its order within the case."""


@dataclass
class _Rows:
    """What is gathered of one table."""

    section: str
    columns: list[str]
    is_numbered: bool
    """Whether the return writes the number of the row."""
    rows: list[dict[str, str]] = field(default_factory=list)
    places: list[tuple[int, int, int]] = field(default_factory=list)
    parts: list[pl.DataFrame] = field(default_factory=list)

    def flush(self) -> None:
        """Put the rows gathered so far into a frame."""
        data = {name: [row.get(name) for row in self.rows] for name in self.columns}
        where = zip(*self.places, strict=True) if self.places else ([], [], [])
        names = ("_document", "_line", "_group")
        self.parts.append(
            pl.DataFrame(
                {**{n: list(part) for n, part in zip(names, where, strict=True)}, **data},
                schema={**dict.fromkeys(names, pl.Int64()), **dict.fromkeys(self.columns, pl.String())},
            )
        )
        self.rows, self.places = [], []


class _Gathering:
    """Takes the repeated elements of the documents, one after the other."""

    def __init__(self, profile: ReturnProfile, *, counts_personal: bool = False) -> None:
        self.profile = profile
        self.counts_personal = counts_personal
        self.people: list[str] = []
        self.documents: list[Document] = []
        self.units = {kind: Units(file.plan) for kind, file in profile.files.items()}
        self.known: dict[str, tuple[Known, Known]] = {kind: known_of(f.plan) for kind, f in profile.files.items()}
        self.strays: list[Stray] = []
        self.unknown: dict[tuple[int, str], tuple[int, int]] = {}
        self.tables: dict[str, _Rows] = {}
        self.groups: dict[str, list[tuple[str, Group]]] = {kind: [] for kind in profile.files}
        self.of_group: dict[tuple[str, str], tuple[int, str, dict[str, str]]] = {}
        """Of a group: its number, the name of its table, and what every row of it has."""
        for kind, file in profile.files.items():
            for place, group in enumerate(file.profile.groups):
                name = _table_of(kind, group)
                self.of_group[kind, group.name] = (place, name, self._constant(group))
                self.groups[kind].append((name, group))
                table = self.tables.setdefault(name, _Rows(group.section, [], False))
                added = ["case_ref", *(m.column.name for m in group.columns), *group.where, *group.match]
                table.columns += [one for one in dict.fromkeys(added) if one not in table.columns]
                number = SECTION[group.section].key[-1]
                table.is_numbered |= any(one == number for one in added)
        for table in self.tables.values():
            number = SECTION[table.section].key[-1]
            if not table.is_numbered and number.endswith("_no"):
                table.columns.append(number)

    def begin(self, document: Document) -> None:
        self.documents.append(document)

    def frame(self, document: Document, root: etree._Element) -> None:
        """Look at what stands around the repeated elements."""
        self._note(unknown(root, self.known[document.kind][0]))

    def take(self, document: Document, unit: etree._Element) -> None:
        """Take the rows of one repeated element."""
        kind, number = document.kind, len(self.documents) - 1
        units = self.units[kind]
        ref = next(iter(units.case_ref(unit)), "").strip()
        if self.counts_personal and kind == PERSONAL:
            many = units.count(unit, "people")
            self.people += [f"{ref}#{place}" for place in range(1, many + 1)]
            return
        if not self.counts_personal and not fits(unit, self.known[kind][1]):
            self._note(unknown(unit, self.known[kind][1]))
        rows: dict[etree._Element, tuple[Group, dict[str, str]]] = {}
        again: list[tuple[str, Group, dict[str, str]]] = []
        case: dict[str, list[dict[str, str]]] = defaultdict(list)
        for reader, values, element in units.rows(unit):
            line = 0 if self.counts_personal else line_of(element)
            if reader is None:
                content = etree.tostring(element, encoding="unicode", with_tail=False)
                self.strays.append(Stray(number, line, _local(element), ref or None, content))
                continue
            group = reader.group
            place, name, constant = self.of_group[kind, group.name]
            row = {"case_ref": ref} | constant | _texts(reader, values)
            if group.within is not None:
                row = _outer_keys(group, element, rows) | row
            if element is not unit:
                rows[element] = (group, row)
            if not group.count:
                again.append((name, group, row))
                continue
            case[name].append(row)
            self.tables[name].rows.append(row)
            self.tables[name].places.append((number, line, place))
        for name, group, row in again:
            _complete(case[name], group, row)
        for name, found in case.items():
            table = self.tables[name]
            key = SECTION[table.section].key[-1]
            if not table.is_numbered and key.endswith("_no"):
                for place, row in enumerate(found, 1):
                    row[key] = str(place)
            if len(table.rows) >= _ROWS_AT_ONCE:
                table.flush()

    def _note(self, found: Iterator[tuple[str, int]]) -> None:
        for path, line in found:
            key = (len(self.documents) - 1, path)
            often, first = self.unknown.get(key, (0, line))
            self.unknown[key] = (often + 1, first)

    def _constant(self, group: Group) -> dict[str, str]:
        """Values that every row of the group has, as the profile's filter says, and that no element holds."""
        mapped = {one.column.name for one in group.columns}
        found = {}
        for name, (first, *others) in group.where.items():
            if others or name in mapped:
                continue
            column = SECTION[group.section].column(name)
            text: str | None = first
            if column.codelist is not None:
                text = self.profile.profile.official_values(column).get(first)
            elif column.kind == "flag":
                text = self.profile.profile.flags[first.casefold() == "true"]
            if text is not None:
                found[name] = text
        return found


def read_return(export: Files, profile: ReturnProfile, *, counts_personal: bool = False) -> ReadReturn:
    """Read the documents of a return through its return profile.

    Args:
        export: the return.
        profile: the return profile that it was written with.
        counts_personal: of a personal-data file keep nothing but how many people it holds of which case; the files are
            known to be those that a run wrote and checked, so that no line and no strange element is looked for.

    Raises:
        InputError: a file of it cannot be read, or is no part of a return.
    """
    gathering = _Gathering(profile, counts_personal=counts_personal)
    documents = read_documents(export, profile, gathering.begin, gathering.take, gathering.frame)
    kinds = {one.kind for one in documents}
    tables = {}
    for name, rows in gathering.tables.items():
        kind = "personal" if name.startswith(PERSONAL) else "case"
        if kind in kinds and name in {*SECTION, PERSONAL} and not (counts_personal and kind == PERSONAL):
            tables[name] = _typed(name, rows, gathering.groups[kind], profile.profile)
    return ReadReturn(documents, tables, gathering.strays, gathering.unknown, gathering.people)


def _table_of(kind: str, group: Group) -> str:
    """Name of the table. What a personal-data file says of the case itself, the case file says too."""
    if kind == "case":
        return group.section
    return PERSONAL if group.section == "people" else f"{PERSONAL} {group.section}"


def _texts(reader: Reader, values: list[list[str]]) -> dict[str, str]:
    """Text by column. Codes of a column that holds several are parted by ``_APART``."""
    found = {}
    for mapped, texts in zip(reader.group.columns, values, strict=True):
        if not texts:
            continue
        if mapped.column.kind == "codes":
            pieces = [piece for text in texts for piece in (text.split(mapped.join) if mapped.join else [text])]
            pieces = [piece.strip() for piece in pieces if piece.strip()]
            if pieces:
                found[mapped.column.name] = _APART.join(pieces)
        elif text := texts[0].strip():
            found[mapped.column.name] = text
    return found


def _outer_keys(
    group: Group, element: etree._Element, rows: dict[etree._Element, tuple[Group, dict[str, str]]]
) -> dict[str, str]:
    """Values by which the row belongs to the row around it."""
    around = element.getparent()
    while around is not None:
        held = rows.get(around)
        if held is not None and held[0].name == group.within:
            return {name: held[1][name] for name in group.match if name in held[1]}
        around = around.getparent()
    return {}


def _complete(found: list[dict[str, str]], group: Group, row: dict[str, str]) -> None:
    """Add to a row of the case what a group that shows it a second time has beyond it."""
    section = SECTION[group.section]
    key = section.key if section.many else ()
    same = [one for one in found if all(name in row and one.get(name) == row[name] for name in key)]
    if len(same) == 1:
        for name, text in row.items():
            same[0].setdefault(name, text)


def _typed(name: str, rows: _Rows, groups: list[tuple[str, Group]], profile: Profile) -> Table:
    rows.flush()
    frame = pl.concat(rows.parts).with_row_index("_row", 1).with_columns(pl.col("_row").cast(pl.Int64()))
    mapped = {m.column.name: m for table, group in groups if table == name for m in group.columns}
    bad, several = [], {}
    for column_name in rows.columns:
        column = SECTION[rows.section].column(column_name)
        reads, doubtful = _reading(column, mapped.get(column_name), profile)
        if reads is None:
            continue
        texts = frame.get_column(column_name).unique().drop_nulls().to_list()
        understood: dict[str, str] = {}
        for text in texts:
            value = reads(text)
            if value is not None:
                understood[text] = value
        met = {text: codes for text, codes in doubtful.items() if any(text in one.split(_APART) for one in texts)}
        if met:
            several[column_name] = met
        problem = CODE if column.codelist is not None else FORM
        unread = [text for text in texts if text not in understood]
        if unread:
            bad.append(
                frame.filter(pl.col(column_name).is_in(unread)).select(
                    "_row",
                    pl.lit(column_name).alias("column"),
                    pl.col(column_name).str.replace_all(_APART, "; ", literal=True).alias("raw"),
                    pl.lit(problem).alias("problem"),
                )
            )
        frame = frame.with_columns(
            pl.col(column_name).replace_strict(understood, default=None, return_dtype=pl.String())
        )
    schema = {"_row": pl.Int64(), **dict.fromkeys(("column", "raw", "problem"), pl.String())}
    own = [group for table, group in groups if table == name]
    return Table(
        section=rows.section,
        columns=tuple(rows.columns),
        frame=frame,
        raw=pl.concat(bad) if bad else pl.DataFrame(schema=schema),
        several=several,
        elements=tuple("/".join(group.path) if group in own else "" for _, group in groups),
        is_numbered=rows.is_numbered,
        names=tuple({m.column.name: "/".join(m.path) for m in group.columns} for _, group in groups),
    )


_Read = Callable[[str], str | None]


def _reading(
    column: Column, mapped: Mapped | None, profile: Profile
) -> tuple[_Read | None, dict[str, tuple[str, ...]]]:
    """How a text of the column is read, None where it stands as it is; and values that stand for several codes."""
    if column.codelist is not None:
        codes, several = codes_of(column, profile)
        if column.kind == "codes":
            return (lambda text: _all_read(text, codes)), several
        return codes.get, several
    if column.kind == "flag":
        words = dict(zip(profile.flags, ("no", "yes"), strict=True))
        return words.get, {}
    if column.kind == "date":
        form = mapped.dates if mapped is not None else "%Y-%m-%d"
        return (lambda text: _day(text, form)), {}
    return None, {}


def codes_of(column: Column, profile: Profile) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Our code by official value, codes in force before retired ones; and the values that stand for several."""
    assert column.codelist is not None
    known = codelist(column.codelist).codes
    by_value: dict[str, list[str]] = defaultdict(list)
    for code, value in profile.official_values(column).items():
        if value is not None:
            by_value[value].append(code)
    for codes in by_value.values():
        codes.sort(key=lambda code: known[code].valid_to is not None)
    several = {value: tuple(codes) for value, codes in by_value.items() if len(codes) > 1}
    return {value: codes[0] for value, codes in by_value.items()}, several


def _all_read(text: str, codes: dict[str, str]) -> str | None:
    found = [codes.get(piece) for piece in text.split(_APART)]
    return None if None in found else ";".join(one for one in found if one is not None)


def _day(text: str, form: str) -> str | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return None


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
