"""The keys for rows in words, for a colleague who checks a profile."""

from __future__ import annotations

from pipelines.profiles.explain import rows
from schemas.sources import parse
from schemas.sources.shape_words import shape_words
from tests.extract.steps.shaped import OTHERS
from tests.extract.steps.test_pivot import BENEFITS, EVENTS, NEEDS

TABLE = """
file = "members"
codes_from = { column = "Role", file = "roles", key = "ID", label = "TEXT", where = { "L" = { column = "K" } } }
keep = "last"
order_by = ["_file", "Line"]
[[table.join]]
file = "people"
on = { "Person no" = "ID" }
where = { "Role" = ["Partner", "Spouse"] }
keep = "first"
prefix = "Partner "
optional = true
[table.people]
case_ref = "Case"
person_no = "Person no"
sex = { column = "Sex", codes_from = { from = "lists", key = "ID", label = "TEXT", where = { "L" = "Sex" } } }
[input.lists]
"""


def words(table: str) -> list[str]:
    shape = parse(f"[[table]]\n{table}\n{OTHERS}", "test").tables[0].shape
    assert shape is not None
    return shape_words(shape)


def test_each_key_is_said_in_the_order_in_which_it_is_applied() -> None:
    assert words(TABLE) == [
        "with the row of people by Person no = ID where Role is Partner or Spouse, only the first of several, where"
        ' there is one, headings with "Partner " before them',
        "Role read as the label TEXT of the key ID in roles where L is what stands under K",
        "only the last by the month in the file's name and Line of the rows with the same Case and Person no",
    ]
    assert words(NEEDS) == ["a row for each column Need * as Ticked, its name as Need"]
    assert words(EVENTS) == ["one row for each Case, with Date and Outcome under the text of Event as heading"]
    assert words(BENEFITS) == ['Benefit of all rows with the same Case joined by ";" as Benefits']


def test_the_explained_profile_tells_how_rows_are_made() -> None:
    profile = parse(f"[[table]]\n{TABLE}\n{OTHERS}", "test")
    (sex,) = [row for row in rows(profile) if row["field"] == "sex"]
    assert sex["rows"].startswith("with the row of people by Person no = ID")
    assert sex["steps"].startswith("label TEXT of the key ID in lists where L is Sex")
