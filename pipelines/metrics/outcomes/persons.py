"""The same main applicant in two cases, recognised by keyed hashes that exist in memory only."""

from __future__ import annotations

import hmac
import os

import duckdb
import polars as pl

from pipelines import arrow

KEY_VARIABLE = "HCLIC_PSEUDONYM_KEY"
_NINO = r"^[A-Z]{2}[0-9]{6}[A-D]?$"
_NAMES = ("forename", "surname")


def person_keys(applicants: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """One row per case and key of its main applicant: ``case_ref``, ``person_key`` (HMAC-SHA256 in hex).

    One key is made of a National Insurance number of the right form, one of forename, surname and date of birth; a
    case with neither has no row. A key that no other case would have is null.

    Args:
        applicants: one row per main applicant: case_ref, nino, forename, surname, born (date of birth as text).
        key: the secret of the hashes.
    """
    people = applicants.with_columns(
        number=pl.col("nino").str.replace_all(r"\s", "").str.to_uppercase(),
        names=pl.concat_str(
            [pl.col(name).str.replace_all(r"[^\w]|_", "").str.to_lowercase().replace("", None) for name in _NAMES],
            separator="\0",
        ),
    )
    # The last letter of a number is often left out, and eight characters name the person.
    numbered = people.filter(pl.col("number").str.contains(_NINO)).select(
        "case_ref", text=pl.lit("nino\0") + pl.col("number").str.head(8)
    )
    named = people.select("case_ref", text=pl.lit("name\0") + pl.col("names") + "\0" + pl.col("born")).drop_nulls()
    found = pl.concat([numbered, named]).sort("case_ref", "text")
    # What stands in one case only can match nothing, and most texts do.
    texts = found.unique()["text"]
    shared = texts.filter(texts.is_duplicated()).unique()
    keys = {text: hmac.digest(key, text.encode(), "sha256").hex() for text in shared}
    return found.select(
        "case_ref", person_key=pl.col("text").replace_strict(keys, default=None, return_dtype=pl.String)
    )


def create_persons(con: duckdb.DuckDBPyConnection, key: bytes | None = None) -> None:
    """Create ``case_person(case_ref, person_key)`` for the main applicants of all the run's cases, in a cohort or not.

    ``key``: by default that of ``HCLIC_PSEUDONYM_KEY``, else a random one. Figures do not depend on it: keys are only
    compared with each other and are never written.
    """
    secret = key or os.environ.get(KEY_VARIABLE, "").encode() or os.urandom(32)
    applicants = con.execute(
        """
        select
            as_recorded.case_ref,
            as_recorded.nino,
            as_recorded.forename,
            as_recorded.surname,
            cast(as_recorded.date_of_birth as varchar) as born
        from recorded.people as as_recorded
        semi join main on as_recorded.case_ref = main.case_ref
        where as_recorded.relationship = 'main_applicant'
        order by as_recorded.case_ref
        """
    ).pl()
    keys = person_keys(applicants, secret).unique(maintain_order=True)
    arrow.load(con, "create or replace temp table case_person as select * from incoming", keys)
