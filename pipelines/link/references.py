"""References: every case is sent under one H-CLIC reference, issued once and kept for ever (hclic-spec 1.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.findings import ERROR, RETURN, WARNING, Finding, frame
from pipelines.link.maps import (
    MAP_SCHEMA,
    Migrations,
    Names,
    empty_map,
    in_capitals,
    is_in_small_letters,
    read_map,
    read_migrations,
    with_given,
)
from pipelines.side_files import rows_named
from schemas.sections import CASE_REF_PATTERN, SECTIONS, Section

__all__ = [
    "FIRST_ISSUED_NUMBER",
    "MAP_SCHEMA",
    "Migrations",
    "Names",
    "Resolved",
    "empty_map",
    "in_capitals",
    "read_map",
    "read_migrations",
    "resolve",
    "with_given",
]

# Local references of 1 to 12 digits are padded. All others draw from a counter that starts here, so that it does
# not meet numbers which case-management systems give in practice.
FIRST_ISSUED_NUMBER = 900_000_000_001

_DIGITS = re.compile(r"[0-9]{1,12}")
_HCLIC = re.compile(CASE_REF_PATTERN)


@dataclass(frozen=True)
class Resolved:
    """Sections under H-CLIC references, and what the map gained.

    ``map``: one row per local reference (local_ref, case_ref, origin: padded, issued, export, loaded, migration).
    """

    sections: dict[str, pl.DataFrame]
    map: pl.DataFrame
    findings: pl.DataFrame


def resolve(
    sections: dict[str, pl.DataFrame],
    *,
    authority: str,
    known: pl.DataFrame,
    migrations: Migrations | None = None,
    is_given: Callable[[str], bool] = lambda reference: False,
    last_issued: int = 0,
) -> Resolved:
    """Put every row under the H-CLIC reference of its case.

    An H-CLIC reference in the export is kept. A local reference is looked up in ``known``; if new, one of 1 to 12
    digits is padded and any other draws the next number of a counter, in order of local reference. A re-keyed case
    (``migrations``: new reference to old) keeps the reference it was first sent under.

    Args:
        sections: the nine sections by name, ``case_ref`` as exported.
        authority: GSS code that prefixes issued references.
        known: the map so far (local_ref, case_ref, origin).
        migrations: new reference to the reference before it, of either kind; chains are followed.
        is_given: whether a reference that the map does not hold any more was given to a case.
        last_issued: the highest number of the counter that the map does not hold any more.
    """
    migrations = migrations or Migrations({})
    sections, problems = _in_capitals(sections)
    refs = pl.concat([part["case_ref"] for part in sections.values()]).drop_nulls().unique().sort()
    if not migrations and (kept := _all_kept(sections, refs, known, problems)) is not None:
        return kept
    given = refs.to_list()
    mapped = dict(zip(known["local_ref"].to_list(), known["case_ref"].to_list(), strict=True))
    origin = dict(zip(known["local_ref"].to_list(), known["origin"].to_list(), strict=True))
    taken = set(mapped.values()) | {ref for ref in given if _HCLIC.match(ref)}
    issuer = _Issuer(authority, taken, is_given, last_issued)
    target: dict[str, str] = {}

    named = _named_by_migrations(sections["main"], migrations)
    start, met = migrations.firsts([*given, *named.values()])
    first = {ref: start[named.get(ref, ref)] for ref in given}
    problems += _unmet(migrations, met, set(mapped) | set(mapped.values()))
    start_in_export = set(given)
    named_in = {old: migrations.rows.get(new) for new, old in migrations.to_old.items()}
    for ref in sorted(set(first.values()), key=lambda item: (not _DIGITS.fullmatch(item), item)):
        if _HCLIC.match(ref):
            # Another reference stands in the map only for a case that was re-keyed before.
            target[ref] = mapped.get(ref, ref)
            continue
        if ref not in mapped:
            padded = issuer.padded(ref)
            mapped[ref], origin[ref] = (padded, "padded") if padded else (issuer.next(), "issued")
            if ref not in start_in_export:
                problems.append(_never_sent(mapped[ref], ref, migrations.file, named_in.get(ref)))
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


def _in_capitals(sections: dict[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], list[Finding]]:
    """H-CLIC references with the authority's code in capitals, and how many were not."""
    ref = pl.col("case_ref")
    is_small = is_in_small_letters(ref)
    small = {name: part.filter(is_small)["case_ref"].unique() for name, part in sections.items()}
    cases = {case for refs in small.values() for case in refs}
    if not cases:
        return sections, []
    spelt = {
        name: part.with_columns(pl.when(is_small).then(ref.str.to_uppercase()).otherwise(ref).alias("case_ref"))
        for name, part in sections.items()
    }
    where = ", ".join(section.label for section in SECTIONS if not small[section.name].is_empty())
    return spelt, [
        Finding(
            "REF-05",
            WARNING,
            f"The references of {len(cases):,} cases begin with the authority's code in small letters ({where})."
            " They were read as if it stood in capitals.",
            "No action for this return. Have the export write the code like E06000034.",
            scope=RETURN,
            fields="case_ref",
        )
    ]


def _named_by_migrations(main: pl.DataFrame, migrations: Migrations) -> dict[str, str]:
    """Cases that the export gives an H-CLIC reference and that the migration map calls by their local one."""
    if not migrations or "local_ref" not in main.columns:
        return {}
    pairs = main.select("case_ref", "local_ref").drop_nulls().iter_rows()
    to_old = migrations.to_old
    return {case: local for case, local in pairs if local in to_old and case not in to_old}


def _unmet(migrations: Migrations, met: set[str], known: set[str]) -> list[Finding]:
    """One finding for the rows of the migration map that meet no case of the export or of earlier runs."""
    unmet = [migrations.rows.get(ref, 0) for ref in migrations.to_old if ref not in met and ref not in known]
    if not unmet:
        return []
    return [
        Finding(
            "REF-06",
            WARNING,
            f"The migration map {migrations.file}, {rows_named(unmet)}, column new_reference: no case of the export or"
            " of an earlier run has that reference, so nothing was changed.",
            "Correct the reference, or take the row out if the case is no longer exported.",
            scope=RETURN,
            fields="new_reference",
            file=migrations.file,
            row=min(unmet),
        )
    ]


def _never_sent(case_ref: str, old: str, file: str, row: int | None) -> Finding:
    return Finding(
        "REF-07",
        WARNING,
        "The migration map names an old reference that no earlier run has sent, so a new H-CLIC reference was issued.",
        "Correct old_reference, or load the reference map of the runs in which the case was sent.",
        section="main",
        case_ref=case_ref,
        fields="old_reference",
        value=old,
        file=file,
        row=row,
    )


def _with_local_ref(main: pl.DataFrame) -> pl.DataFrame:
    """The reference of the source system beside the case; none where that is the H-CLIC reference itself."""
    filled = main.with_columns(local_ref=pl.coalesce("local_ref", "case_ref"))
    return filled.with_columns(
        local_ref=pl.when(pl.col("local_ref") == pl.col("case_ref"))
        .then(pl.when(pl.col("case_ref").str.contains(CASE_REF_PATTERN)).then(None).otherwise("local_ref"))
        .otherwise("local_ref")
    )


def _all_kept(
    sections: dict[str, pl.DataFrame], refs: pl.Series, known: pl.DataFrame, problems: list[Finding]
) -> Resolved | None:
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
        frame(problems),
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


class _Issuer:
    """Gives new references; ``taken`` are those that are used already, ``is_given`` knows of more."""

    def __init__(self, authority: str, taken: set[str], is_given: Callable[[str], bool], last_issued: int) -> None:
        self._prefix = f"{authority}_"
        self._taken, self._is_given = taken, is_given
        used = [int(item[len(self._prefix) :]) for item in taken if item.startswith(self._prefix)]
        self._last = max(
            [FIRST_ISSUED_NUMBER - 1, last_issued, *(number for number in used if number >= FIRST_ISSUED_NUMBER)]
        )

    def _is_of_another(self, ref: str, padded: str) -> bool:
        return self._is_given(padded) and not self._is_given(ref)

    def padded(self, ref: str) -> str | None:
        """The reference padded to twelve digits, unless it is not 1 to 12 digits or belongs to another case."""
        padded = f"{self._prefix}{ref:0>12}"
        if not _DIGITS.fullmatch(ref) or padded in self._taken or self._is_of_another(ref, padded):
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
