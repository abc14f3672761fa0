"""The SQL files say what they are, and the list of them is up to date."""

from __future__ import annotations

from importlib.resources import files

import pytest

import sql
from pipelines.transform import MARTS, STAGING


@pytest.mark.parametrize("folder", ["staging", "marts", "tables"])
def test_every_relation_names_its_grain_and_key(folder: str) -> None:
    for name in sql.names(folder):
        assert sql.grain(f"{folder}/{name}.sql").startswith("One row per "), name
        assert sql.key(f"{folder}/{name}.sql"), name


def test_every_staging_and_mart_file_is_built() -> None:
    assert set(sql.names("staging")) == set(STAGING)
    assert set(sql.names("marts")) == set(MARTS)


def test_the_list_of_relations_is_what_the_files_say() -> None:
    stored = files("sql").joinpath("README.md").read_text(encoding="utf-8")
    ours = "## metrics/"
    # Other folders are filled apart from these and only have to be listed.
    assert stored.split(ours)[0] == sql.readme().split(ours)[0]
