"""A footer, a total and repeated headings are no cases: they are named, or left out where the profile knows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.extract import Extracted
from pipelines.extract.stray import is_footer
from pipelines.findings import ERROR, WARNING

Read = Callable[..., Extracted]
Rewrite = Callable[[str, Callable[[str], str]], Path]
Balanced = Callable[[Extracted], None]

FOOTERS = (
    "-- end of report --",
    "Report run on 01/10/2025 09:14",
    "Total,2",
    "Grand total: 123,,,,",
    "TOTALS,,,3,4",
    "(2 rows affected)",
    "123 rows selected.",
    "----------",
    "Page 1 of 1,,",
    '"Printed by: A. Officer, Housing"',
    ",,,,,2",
    "Anything at all",
)


def ids(found: Extracted) -> list[str]:
    return found.findings.get_column("rule_id").to_list()


@pytest.mark.parametrize("file", ["support_needs.csv", "relief.csv", "people.csv"])
@pytest.mark.parametrize("footer", FOOTERS)
def test_a_footer_is_an_error_that_says_so_and_never_a_case(
    rewrite: Rewrite, read: Read, balanced: Balanced, file: str, footer: str
) -> None:
    before = read(rewrite(file, lambda text: text + "\n")).sections
    found = read(rewrite(file, lambda text: text + footer + "\n"))
    if len(footer.split(",")) > 2 and file == "support_needs.csv":
        return  # more cells than headings: a broken row like any other
    assert set(ids(found)) == {"X-70"}, found.findings.rows()
    finding = found.findings.row(0, named=True)
    assert (finding["severity"], finding["file"]) == (ERROR, file)
    assert finding["message"].startswith(f"{file}, row ")
    assert all(found.sections[name].height == frame.height for name, frame in before.items())
    balanced(found)


@pytest.mark.parametrize("footer", ["Total,,,,2", "-- end of report --"])
def test_a_footer_that_the_profile_names_is_left_out_and_counted(
    rewrite: Rewrite, read: Read, balanced: Balanced, footer: str
) -> None:
    export = rewrite("relief.csv", lambda text: text + footer + "\n")
    found = read(export, str(_profile(export, '["-- End of", "total"]')))
    assert ids(found) == []
    count = next(one for one in found.files if one.name == "relief.csv")
    assert (count.rows_loaded, count.rows_set_aside, count.rows_left_out) == (2, 0, 1)
    balanced(found)


def test_a_footer_that_the_profile_names_and_the_file_lacks_is_a_warning(export: Path, read: Read) -> None:
    found = read(export, str(_profile(export, '["Total"]')))
    assert ids(found) == ["X-72"]
    assert found.findings.row(0, named=True)["severity"] == WARNING


def _profile(export: Path, footer: str) -> Path:
    path = export.parent / "footer.toml"
    text = Path("schemas/sources/native.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('file = "relief"', f'file = "relief"\nfooter = {footer}'), encoding="utf-8")
    return path


def test_a_total_is_no_case_even_where_the_pattern_takes_every_text(rewrite: Rewrite, read: Read) -> None:
    export = rewrite("main.csv", lambda text: text + "Total 3" + "," * text.split("\n")[0].count(",") + "\n")
    path = export.parent / "any.toml"
    text = Path("schemas/sources/native.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("[[table]]", '[options]\ncase_ref_pattern = ".+"\n\n[[table]]', 1), encoding="utf-8")
    found = read(export, str(path))
    assert ids(found) == ["X-70"]
    assert found.sections["main"].height == 3


def test_a_subtotal_among_the_cases_is_named(rewrite: Rewrite, read: Read, balanced: Balanced) -> None:
    def change(text: str) -> str:
        heading, first, *rest = text.split("\n")
        return "\n".join([heading, first, "Subtotal" + "," * heading.count(","), *rest])

    found = read(rewrite("main.csv", change))
    assert ids(found) == ["X-70"]
    balanced(found)


def test_headings_that_are_repeated_are_named(rewrite: Rewrite, read: Read, balanced: Balanced) -> None:
    found = read(rewrite("relief.csv", lambda text: text + "\ufeff" + text.split("\n")[0] + "\n"))
    assert ids(found) == ["X-71"]
    assert "relief.csv, row 4: the row repeats the headings" in found.findings.get_column("message")[0]
    balanced(found)


def test_a_case_cut_off_at_the_end_is_no_footer(rewrite: Rewrite, read: Read) -> None:
    found = read(rewrite("relief.csv", lambda text: text + "E06000034_000000000003\n"))
    assert ids(found) == ["X-20"]


@pytest.mark.parametrize(
    "text", ["Totalenergies House", "E06000034_1", "Reporta", "Pageant", "Ends", "Rows Lane", "Officially", "Numbers"]
)
def test_words_that_only_begin_alike_are_no_footer(text: str) -> None:
    assert not is_footer(text)
