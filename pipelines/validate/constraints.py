"""The constraints of the models (type, required, code, pattern, key), judged by pandera on a frame of one section.

They are generated from the models, so that each has one home. A column that a cheap look proves clean is not handed to
pandera: on 10,000 good cases that saves most of a second.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from pipelines import findings as found
from pipelines.validate.reporting import record_key, shown
from schemas.codelists import codelist
from schemas.sections import CASE_REF_PATTERN, SECTION, Column, Section

# Rules of the notes that say what the key of the section says: the rule reports it, the model stays silent.
KEYS_HELD_BY_RULES = {"support_needs": "N-06"}

TYPE, REQUIRED, CODE, PATTERN, KEY, PRESENT = "type", "required", "code", "pattern", "key", "present"

_FAMILIES = {
    TYPE: (
        "A field does not hold what it is for: a date, a number, or yes or no.",
        "Have the export give it as what it is.",
        "What is not read as a date or a number can be neither counted nor sent.",
    ),
    PRESENT: (
        "A field is missing from its part of the case.",
        "Read the export through a source profile, which gives every field.",
        "A field that is not there was never asked for, which is not the same as left blank.",
    ),
    REQUIRED: (
        "A field that every entry must have is blank.",
        "Enter it.",
        "Without it nobody can tell which entry is meant, or that there is one at all.",
    ),
    CODE: (
        "A field holds none of the answers that there are.",
        "Choose one of the answers of the list.",
        "The return takes one of its own answers only, and the published figures have a column for each of them.",
    ),
    PATTERN: (
        "A case reference does not have the form of an H-CLIC reference.",
        "Use the authority code, an underscore and twelve digits.",
        "DELTA knows a case by its reference from quarter to quarter. One of another form is refused, or taken for a"
        " new case.",
    ),
    KEY: (
        "Two entries of one part of the case have the same number.",
        "Keep one of them, or number them apart.",
        "Of two entries under one number nothing says which one is meant, so neither can be sent.",
    ),
}
"""What each kind of constraint says, what to do about it, and why it matters."""

_KIND = {"date": "a date", "integer": "a whole number", "number": "a number", "flag": "yes or no"}


@dataclass(frozen=True)
class Constraint:
    """One constraint that follows from the models."""

    section: str
    column: str
    check: str
    severity: str
    message: str
    action: str

    @property
    def rule_id(self) -> str:
        """``M-<section>-<column>-<check>``."""
        return f"M-{self.section}-{self.column}-{self.check}"

    @property
    def family(self) -> str:
        """What all constraints of its kind say."""
        return _FAMILIES[self.check][0]

    @property
    def todo_of_all(self) -> str:
        """What to do about any of its kind."""
        return _FAMILIES[self.check][1]

    @property
    def why(self) -> str:
        """What goes wrong otherwise, for somebody who knows no code."""
        return _FAMILIES[self.check][2]


@cache
def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.codelist is not None:
        codes = list(codelist(column.codelist).codes)
        if column.kind == "codes":
            one = "|".join(re.escape(code) for code in codes)
            checks.append(pa.Check.str_matches(f"^({one})(;({one}))*$", error=CODE))
        else:
            checks.append(pa.Check.isin(codes, error=CODE))
    if column.section == "main" and column.name == "case_ref":
        checks.append(pa.Check.str_matches(CASE_REF_PATTERN, error=PATTERN))
    return checks


@cache
def columns_of(section_name: str) -> Mapping[str, pa.Column]:
    """The columns of the section's model, with code lists and the pattern of the reference as checks."""
    section = SECTION[section_name]
    model = section.model.to_schema()
    return {
        column.name: pa.Column(
            model.columns[column.name].dtype,
            checks=_checks(column),
            nullable=model.columns[column.name].nullable,
        )
        for column in section.columns
    }


def _key(section: Section) -> list[str]:
    return [] if section.name in KEYS_HELD_BY_RULES else list(section.key)


def _constraint(column: Column, check: str) -> Constraint:
    words, label = column.words, SECTION[column.section].label
    texts = {
        TYPE: (
            f"Under '{words}' of {label} stands something else than {_KIND.get(column.kind, 'text')}.",
            f"Have the export give {_KIND.get(column.kind, 'text')} there.",
        ),
        PRESENT: (f"{label} has no '{words}'.", "Read the export through a source profile, which gives every field."),
        REQUIRED: (f"The {words} is blank.", f"Enter the {words}."),
        CODE: (f"The {words} is none of the answers that there are.", "Choose one of the answers of the list."),
        PATTERN: (
            f"The {words} does not have the form E06000034_000000030363.",
            "Use the authority code, an underscore and twelve digits.",
        ),
    }
    message, action = texts[check]
    severity = found.WARNING if column.local else found.ERROR
    return Constraint(column.section, column.name, check, severity, message, action)


def _key_constraint(section: Section) -> Constraint:
    key = " and ".join(section.column(name).words for name in section.key)
    return Constraint(
        section.name,
        "_".join(section.key),
        KEY,
        found.ERROR,
        f"Two rows of {section.label} have the same {key}.",
        "Keep one row, or number the rows apart.",
    )


@cache
def constraints_of(section_name: str) -> tuple[Constraint, ...]:
    """Every constraint of the section, in catalogue order."""
    section = SECTION[section_name]
    listed = []
    for column in section.columns:
        listed += [_constraint(column, PRESENT), _constraint(column, TYPE)]
        if column.required:
            listed.append(_constraint(column, REQUIRED))
        listed += [_constraint(column, str(check.error)) for check in _checks(column)]
    if section_name not in KEYS_HELD_BY_RULES:
        listed.append(_key_constraint(section))
    return tuple(listed)


def _doubtful(columns: Mapping[str, pa.Column], frame: pl.DataFrame) -> list[str]:
    """Columns that may break a constraint: whatever a cheap look does not prove clean."""
    doubtful, looks = [], {}
    for name, column in columns.items():
        if name not in frame.columns or frame.schema[name] != column.dtype.type:
            doubtful.append(name)
            continue
        values = pl.col(name).drop_nulls()
        bad = pl.lit(False) if column.nullable else pl.col(name).has_nulls()
        for check in column.checks:
            statistics = check.statistics or {}
            if "allowed_values" in statistics:
                bad = bad | ~values.unique().is_in(list(statistics["allowed_values"])).all()
            elif "pattern" in statistics:
                bad = bad | ~values.str.contains(str(statistics["pattern"])).all()
            else:
                bad = pl.lit(True)
        looks[name] = bad
    clean = frame.select(**looks).row(0, named=True) if looks else {}
    return doubtful + [name for name, bad in clean.items() if bad]


def _finding(constraint: Constraint, scope: str) -> found.Finding:
    return found.Finding(
        rule_id=constraint.rule_id,
        severity=constraint.severity,
        scope=scope,
        section=constraint.section,
        fields=constraint.column,
        message=constraint.message,
        action=constraint.action,
    )


def _rows(section: Section, frame: pl.DataFrame, index: list[int], constraint: Constraint) -> pl.DataFrame:
    bad = frame[index]
    names = section.key if constraint.check == KEY else (constraint.column,)
    template = found.frame([_finding(constraint, found.RECORD)]).row(0, named=True)
    rows = bad.select(
        *(
            pl.lit(template[name], kind).alias(name)
            for name, kind in found.SCHEMA.items()
            if name not in ("case_ref", "record_key", "value", "fields")
        ),
        pl.col("case_ref").cast(pl.String) if "case_ref" in bad.columns else pl.lit(None, pl.String).alias("case_ref"),
        record_key(section, bad).alias("record_key"),
        pl.lit(", ".join(names)).alias("fields"),
        shown(section, names, bad).alias("value"),
    )
    return found.complete(rows)


_CHECK_NAME = {"not_nullable": REQUIRED, "column_in_dataframe": PRESENT, "multiple_fields_uniqueness": KEY}


def judge(section: Section, frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Findings of the section's constraints. Nothing that pandera says of a row leaves this function but row numbers.

    Raises:
        TypeError: the frame is lazy; pandera would pass it unread.
    """
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("Constraints are judged on a DataFrame; a LazyFrame would pass unread.")
    columns = columns_of(section.name)
    doubtful = _doubtful(columns, frame)
    key = _key(section)
    if not key or not set(key) <= set(frame.columns) or not frame.select(pl.struct(key).is_duplicated().any()).item():
        key = []
    if not doubtful and not key:
        return []
    narrowed = pa.DataFrameSchema(
        {name: columns[name] for name in doubtful}, unique=key or None, strict=False, coerce=False
    )
    try:
        narrowed.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.select("schema_context", "column", "check", "failure_case", "index")
    else:
        return []
    by_check: dict[tuple[str, str], list[int]] = {}
    whole: set[tuple[str, str]] = set()
    for case in cases.iter_rows(named=True):
        check = _CHECK_NAME.get(case["check"], case["check"])
        if check.startswith("dtype("):
            check = TYPE
        column = case["failure_case"] if check == PRESENT else case["column"]
        if check in (KEY, REQUIRED) or case["index"] is not None:
            by_check.setdefault((column or "", check), []).append(case["index"])
        else:
            whole.add((column, check))
    findings = []
    mistyped = {column for column, check in whole if check in (TYPE, PRESENT)}
    for column, check in sorted(whole):
        # A check that crashed on a column of the wrong type says no more than the type does.
        if check in (TYPE, PRESENT) or column not in mistyped:
            findings.append(found.frame([_finding(_constraint(section.column(column), check), found.RETURN)]))
    for (column, check), index in sorted(by_check.items()):
        constraint = _key_constraint(section) if check == KEY else _constraint(section.column(column), check)
        findings.append(_rows(section, frame, sorted(set(index)), constraint))
    return findings


def catalogue() -> Mapping[str, tuple[Constraint, ...]]:
    """All generated constraints by section."""
    return {name: constraints_of(name) for name in SECTION}
