"""References: every case is sent under one H-CLIC reference, issued once and kept for ever (hclic-spec 1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import InputError, UsageError
from pipelines.findings import ERROR, WARNING, Finding, frame
from pipelines.side_files import read_rows
from schemas.sections import CASE_REF_PATTERN, SECTIONS, Section

MAP_SCHEMA = {"local_ref": pl.String(), "case_ref": pl.String(), "origin": pl.String()}
MIGRATION_COLUMNS = ("new_reference", "old_reference")

# Local references of 1 to 12 digits are padded. All others draw from a counter that starts here, so that it does
# not meet numbers which case-management systems give in practice.
FIRST_ISSUED_NUMBER = 900_000_000_001

_DIGITS = re.compile(r"[0-9]{1,12}")
_HCLIC = re.compile(CASE_REF_PATTERN)


@dataclass(frozen=True)
class Resolved:
    """Sections under H-CLIC references, and what the map gained.

    ``map``: one row per local reference (local_ref, case_ref, origin: padded, issued, export, loaded).
    """

    sections: dict[str, pl.DataFrame]
    map: pl.DataFrame
    findings: pl.DataFrame


def empty_map() -> pl.DataFrame:
    """A reference map without rows."""
    return pl.DataFrame(schema=MAP_SCHEMA)


def read_map(path: Path) -> pl.DataFrame:
    """A reference map as written beside every run.

    Raises:
        InputError: the file cannot be read, lacks a column, or gives one reference twice.
    """
    rows = _read_csv(path, ("local_ref", "case_ref"), "reference map")
    loaded = pl.DataFrame(
        [{"local_ref": row["local_ref"], "case_ref": row["case_ref"], "origin": "loaded"} for row in rows],
        schema=MAP_SCHEMA,
    )
    if loaded["local_ref"].n_unique() != loaded.height:
        raise InputError("The reference map gives one local reference twice. Keep one row for each local_ref.")
    bad = loaded.filter(~pl.col("case_ref").str.contains(CASE_REF_PATTERN)).height
    if bad:
        raise InputError(
            f"The reference map has {bad} case_ref values that are not of the form E06000034_000000030363."
        )
    return loaded.sort("local_ref")


def read_migrations(path: Path) -> dict[str, str]:
    """A migration map: the new reference of a re-keyed case to the reference it was first sent under.

    Raises:
        InputError: the file cannot be read, lacks a column, or gives a new reference twice.
        UsageError: the references form a circle.
    """
    rows = _read_csv(path, MIGRATION_COLUMNS, "migration map")
    found = {row["new_reference"]: row["old_reference"] for row in rows}
    if len(found) != len(rows):
        raise InputError("The migration map gives one new_reference twice. Keep one row for each.")
    for start in found:
        seen, here = {start}, start
        while here in found:
            here = found[here]
            if here in seen:
                raise UsageError("The migration map leads in a circle. An old reference may not point to a newer one.")
            seen.add(here)
    return found


def _read_csv(path: Path, columns: tuple[str, ...], what: str) -> list[dict[str, str]]:
    return [row.cells for row in read_rows(path, columns, what=what)]


def resolve(
    sections: dict[str, pl.DataFrame],
    *,
    authority: str,
    known: pl.DataFrame,
    migrations: dict[str, str] | None = None,
) -> Resolved:
    """Put every row under the H-CLIC reference of its case.

    An H-CLIC reference in the export is kept. A local reference is looked up in ``known``; if new, one of 1 to 12
    digits is padded and any other draws the next number of a counter, in order of local reference. A re-keyed case
    (``migrations``: new reference to old) keeps the reference it was first sent under.

    Args:
        sections: the nine sections by name, ``case_ref`` as exported.
        authority: GSS code that prefixes issued references.
        known: the map so far (local_ref, case_ref, origin).
        migrations: new reference to the reference before it; chains are followed.
    """
    migrations = migrations or {}
    refs = pl.concat([part["case_ref"] for part in sections.values()]).drop_nulls().unique().sort()
    if not migrations and (kept := _all_kept(sections, refs, known)) is not None:
        return kept
    given = refs.to_list()
    mapped = dict(zip(known["local_ref"].to_list(), known["case_ref"].to_list(), strict=True))
    origin = dict(zip(known["local_ref"].to_list(), known["origin"].to_list(), strict=True))
    taken = set(mapped.values()) | {ref for ref in given if _HCLIC.match(ref)}
    issuer = _Issuer(authority, taken)
    problems: list[Finding] = []
    target: dict[str, str] = {}

    first = {ref: _first(ref, migrations) for ref in given}
    for ref in sorted(set(first.values()), key=lambda item: (not _DIGITS.fullmatch(item), item)):
        if _HCLIC.match(ref):
            # Another reference stands in the map only for a case that was re-keyed before.
            target[ref] = mapped.get(ref, ref)
            continue
        if ref not in mapped:
            padded = issuer.padded(ref)
            mapped[ref], origin[ref] = (padded, "padded") if padded else (issuer.next(), "issued")
            if _DIGITS.fullmatch(ref) and not padded:
                problems.append(_padded_is_taken(ref, mapped[ref]))
        target[ref] = mapped[ref]

    final: dict[str, str] = {}
    for ref in given:
        final[ref] = target[first[ref]]
        if first[ref] != ref:
            problems.append(
                Finding(
                    "REF-01",
                    WARNING,
                    "The case was re-keyed; it is sent under the reference it was first sent under.",
                    "No action if the migration map is right.",
                    section="main",
                    case_ref=final[ref],
                    fields="case_ref",
                    value=ref,
                )
            )
            mapped[ref], origin[ref] = final[ref], "migration"

    changed = {ref: new for ref, new in final.items() if ref != new}
    out: dict[str, pl.DataFrame] = {}
    for section in SECTIONS:
        part = sections[section.name]
        if section.name == "main":
            part = _with_local_ref(part)
        if changed:
            part = part.with_columns(case_ref=pl.col("case_ref").replace(changed))
        out[section.name] = part.sort(section.key, nulls_last=True)
        if changed:
            problems.extend(_duplicates(section, part))

    for local_ref, case_ref in out["main"].select("local_ref", "case_ref").drop_nulls().sort("local_ref").iter_rows():
        before = mapped.setdefault(local_ref, case_ref)
        origin.setdefault(local_ref, "export")
        if before != case_ref:
            problems.append(
                Finding(
                    "REF-03",
                    WARNING,
                    "The local reference of this case was sent before under another H-CLIC reference.",
                    "If it is the same case, give both in a migration map, so that it is not counted as new.",
                    section="main",
                    case_ref=case_ref,
                    fields="case_ref, local_ref",
                    value=before,
                )
            )
    for ref in sorted(set(target.values()) - set(mapped.values())):
        # Kept so that a number which came with an export is never issued to another case later.
        mapped[ref], origin[ref] = ref, "export"
    return Resolved(
        out,
        pl.DataFrame(
            {
                "local_ref": sorted(mapped),
                "case_ref": [mapped[ref] for ref in sorted(mapped)],
                "origin": [origin[ref] for ref in sorted(mapped)],
            },
            schema=MAP_SCHEMA,
        ),
        frame(problems),
    )


def _with_local_ref(main: pl.DataFrame) -> pl.DataFrame:
    """The reference of the source system beside the case; none where that is the H-CLIC reference itself."""
    filled = main.with_columns(local_ref=pl.coalesce("local_ref", "case_ref"))
    return filled.with_columns(
        local_ref=pl.when(pl.col("local_ref") == pl.col("case_ref"))
        .then(pl.when(pl.col("case_ref").str.contains(CASE_REF_PATTERN)).then(None).otherwise("local_ref"))
        .otherwise("local_ref")
    )


def _all_kept(sections: dict[str, pl.DataFrame], refs: pl.Series, known: pl.DataFrame) -> Resolved | None:
    """The common case without a look at each reference: all are H-CLIC references that nothing says otherwise of.

    None where a reference is local or changed by the map, or has a local reference that is another case's too.
    """
    changing = known.filter(pl.col("local_ref") != pl.col("case_ref"))["local_ref"]
    if not refs.str.contains(CASE_REF_PATTERN).all() or refs.is_in(changing.implode()).any():
        return None
    main = _with_local_ref(sections["main"])
    gained = main.select("local_ref", "case_ref").drop_nulls().join(known, on=["local_ref", "case_ref"], how="anti")
    local = gained["local_ref"]
    others = pl.concat([known["local_ref"], refs])
    if local.is_duplicated().any() or local.is_in(others.implode()).any():
        return None
    # Kept so that a number which came with an export is never issued to another case later.
    alone = refs.filter(~refs.is_in(pl.concat([known["case_ref"], gained["case_ref"]]).implode()))
    both = pl.concat([gained, pl.DataFrame({"local_ref": alone, "case_ref": alone})])
    return Resolved(
        {
            section.name: (main if section.name == "main" else sections[section.name]).sort(
                section.key, nulls_last=True
            )
            for section in SECTIONS
        },
        pl.concat([known, both.with_columns(pl.lit("export").alias("origin"))]).sort("local_ref"),
        frame([]),
    )


def _padded_is_taken(ref: str, case_ref: str) -> Finding:
    return Finding(
        "REF-02",
        WARNING,
        "Padded to twelve digits, this local reference is that of another case; a new number was issued.",
        "Check that the two are different cases. If they are one, give both references in a migration map.",
        section="main",
        case_ref=case_ref,
        fields="case_ref",
        value=ref,
    )


def _duplicates(section: Section, part: pl.DataFrame) -> list[Finding]:
    repeated = part.group_by(section.key).len().filter(pl.col("len") > 1).sort(section.key)
    return [
        Finding(
            "REF-04",
            ERROR,
            "Two rows have the same key once every case is under its H-CLIC reference.",
            "Keep one row, or correct the migration map if they are different cases.",
            section=section.name,
            case_ref=row["case_ref"],
            record_key=", ".join(f"{name}={row[name]}" for name in section.key[1:]) or None,
            fields=", ".join(section.key),
        )
        for row in repeated.to_dicts()
    ]


def _first(ref: str, migrations: dict[str, str]) -> str:
    while ref in migrations:
        ref = migrations[ref]
    return ref


class _Issuer:
    """Gives new references; ``taken`` are those that are used already."""

    def __init__(self, authority: str, taken: set[str]) -> None:
        self._prefix = f"{authority}_"
        self._taken = taken
        used = [int(item[len(self._prefix) :]) for item in taken if item.startswith(self._prefix)]
        self._last = max([FIRST_ISSUED_NUMBER - 1, *(number for number in used if number >= FIRST_ISSUED_NUMBER)])

    def padded(self, ref: str) -> str | None:
        """The reference padded to twelve digits, unless it is not 1 to 12 digits or belongs to another case."""
        padded = f"{self._prefix}{ref:0>12}"
        if not _DIGITS.fullmatch(ref) or padded in self._taken:
            return None
        self._taken.add(padded)
        return padded

    def next(self) -> str:
        """The next number of the counter that is not in use."""
        while True:
            self._last += 1
            issued = f"{self._prefix}{self._last:012d}"
            if issued not in self._taken:
                self._taken.add(issued)
                return issued
