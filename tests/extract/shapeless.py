"""Profiles and exports at random, of the words that source profiles know, for what must hold of any of them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

SECRET = "Zq{}Xsecret"
"""Cells that must never be told outside the files of findings."""
HEADINGS = ["Case", "Person", "Role", "Born", "Kind", "When", "Question", "Answer", "Rent", 'Full "name"', "Größe", ""]
FILES = ["cases", "people 1", "answers"]
CELLS = [
    *(SECRET.format(number) for number in range(6)),
    *(
        "A1",
        "A2",
        "A3",
        "P1",
        "P2",
        "1",
        "2",
        "",
        " ",
        "yes",
        "relief",
        "main_applicant",
        "Total",
        "a;b",
        '"',
        "£10 pw",
    ),
    *("2025-07-01", "01/08/2025", "31/02/2025", "45000", "12 May 2025", "-", "*", "✓", "x\ny", "\u200b", "Ä" * 30),
]
STATEMENTS = [
    "select * from {file}",
    "select {a}, {b} from {file} where {c} is not null",
    "select distinct {a}, {b} from {file}",
    "select x.{a}, y.{b} from {file} x left join {other} y on x.{c} = y.{c}",
    "select * from {file} join {other} using ({a})",
    "select {a}, count(*) as n, max({b}) filter (where {c} = 'A1') as {c} from {file} group by {a}",
    "select {a}, string_agg({b}, ';') as {b} from {file} group by all",
    "select * from {file} union all by name select * from {other}",
    "select {a} from {file} union select {b} from {other}",
    "select * from (unpivot {file} on {b}, {c} into name asked value answer)",
    "select *, row_number() over (partition by {a} order by {b} desc) as n from {file} qualify n = 1",
    "with q as (select {a}, {b} from {file}) select * from q where {a} in (select {a} from {other})",
    "select {a}::integer as {a}, {b}::date as {b} from {file}",
    "select strptime({a}, '%d/%m/%Y') as {a}, {b} from {file}",
    "select json_extract({a}, '$.x') as x, * from {file}",
    "select {a}, (select {b} from {other}) as {b} from {file}",
    "select struct_pack(v := {a}) as {a}, [{b}] as {b}, {c}::blob as c from {file}",
    "select {a} from {file} where regexp_matches({b}, {c})",
    "select {a}, unnest(string_split({b}, ';')) as {b} from {file}",
    "select a as b, 1 from {file} limit 1",
    "select {a}, _file, _row, as_at() as day from {file}",
    "select {a}, null as _at from {file}",
    "select {a}, _at as places from {file}",
    "pivot {file} on {a} using count(*)",
    "select now(), * from {file}",
    "select * from read_csv('x')",
    "delete from {file}",
    "select {a} from {file} where",
    ";",
]
OUTSIDE = ["nosuch", "first", "second", "everything"]


def quoted(name: str) -> str:
    """The name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def toml(value: Any) -> str:
    """A value in one line of TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def some_of(keys: dict[str, st.SearchStrategy[Any]], most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """A few of the keys, each with a value."""
    names = st.lists(st.sampled_from(sorted(keys)), unique=True, max_size=most)
    return names.flatmap(lambda found: st.fixed_dictionaries({name: keys[name] for name in found}))


heading = st.sampled_from([*HEADINGS[:9], *HEADINGS, "Missing", "Who *", "_row"])
headings = st.lists(heading, min_size=1, max_size=3)
text = st.sampled_from([*CELLS, "*", "Total*", "Case"])
texts = st.one_of(text, st.lists(text, max_size=3))
file_name = st.sampled_from([*FILES, *FILES, "people*", *OUTSIDE])
where = st.dictionaries(heading, texts, max_size=2)
other = st.one_of(
    st.fixed_dictionaries({"file": file_name}),
    st.fixed_dictionaries({"from": st.sampled_from(OUTSIDE)}),
)
flag = st.booleans()
order = st.one_of(heading, headings)


def beside(keys: dict[str, st.SearchStrategy[Any]], rest: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """A block that names another relation."""
    return st.tuples(other, st.fixed_dictionaries(keys), some_of(rest)).map(
        lambda parts: parts[0] | parts[1] | parts[2]
    )


join = beside(
    {"on": st.one_of(heading, headings, st.dictionaries(heading, heading, min_size=1, max_size=2))},
    {
        "where": where,
        "prefix": st.sampled_from(["Other ", ""]),
        "optional": flag,
        "many": flag,
        "exact": flag,
    },
)
LOOKS_UP: dict[str, st.SearchStrategy[Any]] = {"key": heading, "label": heading}
LOOKS_UP_MORE: dict[str, st.SearchStrategy[Any]] = {"where": where, "others": st.sampled_from(["keep", "blank"])}
look_up = beside(LOOKS_UP, LOOKS_UP_MORE)
look_up_of_table = beside({**LOOKS_UP, "column": heading}, LOOKS_UP_MORE)
unpivot = st.one_of(
    st.fixed_dictionaries({"columns": headings, "name": heading, "value": heading}),
    st.fixed_dictionaries(
        {"columns": st.dictionaries(heading, st.just("* x"), min_size=1, max_size=2), "name": heading}
    ),
)
pivot = st.tuples(
    st.fixed_dictionaries({"name": heading, "value": st.one_of(heading, headings), "per": order}),
    some_of({"collect": headings, "by": st.just(";")}),
).map(lambda parts: parts[0] | parts[1])
collect = st.tuples(st.fixed_dictionaries({"column": heading}), some_of({"into": heading, "per": order})).map(
    lambda parts: parts[0] | parts[1]
)
OF_FILES: dict[str, st.SearchStrategy[Any]] = {
    "header_row": st.integers(0, 3),
    "header_rows": st.sampled_from([[1, 2], [2, 3]]),
    "skip_rows_where": st.dictionaries(heading, text, min_size=1, max_size=2),
    "delimiter": st.sampled_from([",", ";"]),
    "footer": st.lists(text, max_size=2),
}
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "optional": flag,
    "ignore": headings,
    "leave_out": st.dictionaries(heading, st.lists(text, min_size=1, max_size=2), max_size=2),
    "allow_unused_rows": flag,
}
OF_ROWS: dict[str, st.SearchStrategy[Any]] = {
    "join": join,
    "codes_from": look_up_of_table,
    "keep": st.just("last"),
    "unpivot": unpivot,
    "pivot": pivot,
    "collect": collect,
}
OF_CELLS: dict[str, st.SearchStrategy[Any]] = {
    "replace": st.dictionaries(st.sampled_from(["A", "x"]), st.just("B"), min_size=1, max_size=2),
    "separator": st.just(","),
    "optional": flag,
    "codes_from": look_up,
}
source = st.one_of(
    heading,
    heading,
    heading,
    heading,
    st.tuples(heading, some_of(OF_CELLS)).map(lambda parts: {"column": parts[0], **parts[1]}),
    st.tuples(heading, st.sampled_from([1, 2, -1, "rest", [1, -1]])).map(
        lambda parts: {"column": parts[0], "split": ";", "part": parts[1]}
    ),
    st.fixed_dictionaries({"columns": headings}),
    st.fixed_dictionaries({"constant": text}),
)
OF_COLUMN: dict[str, st.SearchStrategy[Any]] = {
    "rate": some_of({"per": st.sampled_from(["week", "month", "year"])}),
    "age": some_of({"on": st.sampled_from(["export", "assess_date"])}),
    "pregnant": some_of({"codes": st.just({"✓": "yes", "": "no"})}),
    "assess1": some_of({"codes": st.dictionaries(text, st.just("relief"), max_size=2)}),
}
COLUMNS = {
    "main": ["application_date", "assess1", "benefits", "team", "officer"],
    "people": ["person_no", "relationship", "date_of_birth", "age", "pregnant", "forename"],
    "temporary_accommodation": ["entry_date", "exit_date", "rate", "ta_type"],
    "support_needs": ["support_need"],
}
OF_SECTION: dict[str, st.SearchStrategy[Any]] = {
    "when": st.one_of(headings, st.dictionaries(heading, st.lists(text, max_size=2), max_size=2)),
    "adds_columns": flag,
}


@st.composite
def sections(draw: st.DrawFn, names: list[str]) -> str:
    """The blocks of what a table gives."""
    lines = []
    for name in names:
        lines += [f"[table.{name}]", 'case_ref = "Case"']
        odd = draw(some_of(OF_SECTION, 1)) if not draw(st.integers(0, 3)) else {}
        for column in draw(st.lists(st.sampled_from(COLUMNS[name]), unique=True, max_size=3)):
            given = draw(source)
            if column in OF_COLUMN and isinstance(given, str):
                given = {"column": given, **draw(OF_COLUMN[column])}
            lines.append(f"{column} = {toml(given)}")
        lines += [f"{key} = {toml(value)}" for key, value in odd.items()]
    return "\n".join(lines)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """One statement, or what was meant as one."""
    column = st.sampled_from([*HEADINGS[:9], *HEADINGS[:9], "Missing", 'Full "name"'])
    relation = st.sampled_from([*FILES, *FILES, "first", "everything", "nosuch"])
    words = {name: quoted(draw(column)) for name in ("a", "b", "c")}
    words |= {name: quoted(draw(relation)) for name in ("file", "other")}
    return draw(st.sampled_from(STATEMENTS)).format(**words)


@st.composite
def profiles(draw: st.DrawFn) -> str:
    """The text of a profile whose keys are known; their values may go together or not."""
    lines = [
        "[options]",
        *(
            f"{key} = {toml(value)}"
            for key, value in draw(
                some_of(
                    {
                        "dates": st.sampled_from([["uk"], ["iso"], ["us", "serial"]]),
                        "blanks": st.lists(text, max_size=2),
                    }
                )
            ).items()
        ),
    ]
    if draw(flag):
        lines += ["[input.everything]", f"file = {toml(draw(file_name))}"]
        lines += [f"{key} = {toml(value)}" for key, value in draw(some_of(OF_FILES, 1)).items()]
    if draw(flag):
        lines.append("[sql]")
        lines += [f"{name} = {toml(draw(statements()))}" for name in ("first", "second")]
    made = ["first", "second"] if "[sql]" in lines else []
    made += ["everything"] * 2 if "[input.everything]" in lines else []
    for number, names in enumerate((["main"], ["people"], ["temporary_accommodation", "support_needs"])):
        reads_file = not made or draw(flag)
        relation = FILES[number] if reads_file else draw(st.sampled_from(made))
        lines += ["[[table]]", f"{'file' if reads_file else 'from'} = {toml(relation)}"]
        keys = draw(some_of(KEYS, 1)) | draw(some_of(OF_ROWS, 1)) | (draw(some_of(OF_FILES, 1)) if reads_file else {})
        if "keep" in keys:
            keys |= {"per": draw(order)} | draw(some_of({"order_by": order}))
        lines += [f"{key} = {toml(value)}" for key, value in keys.items()]
        lines.append(draw(sections(names[: draw(st.integers(1, 2))])))
    return "\n".join(lines) + "\n"


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A small CSV."""
    columns = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=6))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=draw(st.sampled_from([",", ",", ";"])))
    if not draw(st.integers(0, 5)):
        writer.writerow(["Report", SECRET.format(7)])
    writer.writerow(["Case", *columns])
    for _ in range(draw(st.integers(0, 5))):
        row = [draw(st.sampled_from(["A1", "A2", "A3", ""])), *(draw(st.sampled_from(CELLS)) for _ in columns)]
        writer.writerow(row[: draw(st.sampled_from([len(row)] * 6 + [1, 2]))])
    return out.getvalue()


@dataclass(frozen=True)
class Case:
    """A profile and the files of an export by name."""

    profile: str
    files: dict[str, str]


cases = st.builds(
    Case, profiles(), st.fixed_dictionaries({name: tables() for name in FILES[:2]}, optional={FILES[2]: tables()})
)
