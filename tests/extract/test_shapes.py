"""The sample in the shapes of other systems: each, read by its profile, gives what the native export gives."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.address import parse_address
from pipelines.cli import main
from pipelines.credentials import Credentials
from pipelines.extract import Extracted, extract
from pipelines.extract.databases import as_files
from pipelines.extract.layouts import write_layout
from pipelines.extract.shaped import MONTHS, SHAPES, by_label, some_cases, write_shape
from schemas.sources import load

SAMPLE = Path(__file__).resolve().parents[2] / "data/sample"
FILES = tuple(shape for shape in SHAPES if shape != "database")


def read(export: Path, profile: str | Path) -> Extracted:
    for database in export.glob("*.sqlite"):
        with as_files(parse_address(f"sqlite://{database}"), str(profile), Credentials()) as files:
            return read(files, profile)
    return extract(export, str(profile), authority="E06000034", as_at=date(2025, 9, 30))


def plain(found: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return {name: frame.drop("_file", "_row", strict=False) for name, frame in found.items()}


@pytest.fixture(scope="module")
def sample() -> dict[str, pl.DataFrame]:
    """Sections of the whole sample, as the native export gives them."""
    return by_label(plain(read(SAMPLE / "native", "native").sections))


def assert_same(found: Extracted, expected: Mapping[str, pl.DataFrame]) -> None:
    for name, frame in plain(found.sections).items():
        assert frame.equals(expected[name]), name


@pytest.mark.parametrize("shape", SHAPES)
def test_the_sample_in_each_shape_gives_the_native_sections(
    shape: str, sample: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    write_shape(sample, shape, tmp_path)
    found = read(tmp_path, SAMPLE / "shapes" / shape / "profile.toml")
    assert_same(found, sample)
    assert found.findings.is_empty(), found.findings.get_column("message").to_list()[:5]
    assert all(one.rows_set_aside == 0 for one in found.files), found.files


@pytest.mark.parametrize("shape", SHAPES)
def test_the_small_export_of_each_shape_is_that_of_the_sample(
    shape: str, sample: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """Fails where the sample or a writer has changed: ``make sample`` writes them again."""
    found = read(SAMPLE / "shapes" / shape / "export", SAMPLE / "shapes" / shape / "profile.toml")
    assert_same(found, some_cases(sample))
    heights = {name: frame.height for name, frame in found.sections.items()}
    assert all(heights.values()), heights
    assert 24 <= heights["main"] <= 48
    write_shape(some_cases(sample), shape, tmp_path)
    texts = {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")}
    assert {path.name: path.read_bytes() for path in (SAMPLE / "shapes" / shape / "export").glob("*.csv")} == texts


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_marked_as_one_and_explained(shape: str) -> None:
    folder = SAMPLE / "shapes" / shape
    profile = load(str(folder / "profile.toml"))
    assert profile.illustration and "no supplier's layout" in profile.note
    explained = (folder / "README.md").read_text(encoding="utf-8")
    keys = set(re.findall(r"^`?\w+", "\n".join(_keys(folder)), flags=re.MULTILINE))
    assert keys and all(f"`{key}`" in explained for key in keys), sorted(keys)
    assert "no supplier's layout" in explained


def _keys(folder: Path) -> set[str]:
    """Keys of the profile's tables that make the shape readable."""
    data = tomllib.loads((folder / "profile.toml").read_text(encoding="utf-8"))
    usual = {"file", "sheet", "optional"}
    return {
        key
        for table in data["table"]
        for key, value in table.items()
        if key not in usual
        and not ((isinstance(value, dict) and "case_ref" in value) or value == {"all_columns": True})
    }


def test_months_that_repeat_a_placement_give_it_once() -> None:
    shape = SAMPLE / "shapes/monthly-sheets"
    found = read(shape / "export", shape / "profile.toml")
    sheets = [one for one in found.files if one.name.startswith("placements.xlsx [TA ")]
    placements = found.sections["temporary_accommodation"].height
    assert len(sheets) == len(MONTHS) == 6
    assert sum(one.rows_read for one in sheets) > placements + len(MONTHS), "placements repeat, beside a total each"
    assert sum(one.rows_loaded for one in sheets) == placements


def test_without_keep_repeating_months_are_refused_by_name(sample: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    from pipelines.errors import InputError

    write_shape(some_cases(sample), "monthly-sheets", tmp_path / "export")
    text = (SAMPLE / "shapes/monthly-sheets/profile.toml").read_text(encoding="utf-8")
    kept = re.sub(r"^(keep|per|order_by) = .*\n", "", text, flags=re.MULTILINE)
    assert kept != text
    (tmp_path / "mine.toml").write_text(kept, encoding="utf-8")
    with pytest.raises(InputError, match="Sheets repeat each other"):
        read(tmp_path / "export", tmp_path / "mine.toml")


def all_shapes_at_once(sections: Mapping[str, pl.DataFrame], folder: Path) -> Path:
    """One export in all shapes of files, and its profile beside it; returns the export."""
    export = folder / "export"
    export.mkdir(parents=True)
    parts, left = [], []
    for shape in FILES:
        own = folder / shape
        write_shape(sections, shape, own)
        left.append({path.name for path in own.iterdir()})
        for path in own.iterdir():
            if path.stem not in sections:
                path.rename(export / path.name)
        text = (SAMPLE / "shapes" / shape / "profile.toml").read_text(encoding="utf-8")
        parts.append(text[text.index("[[table]]") :].split("# The other sections")[0])
    # What every shape leaves in the native layout.
    for name in sorted(set.intersection(*left)):
        (folder / FILES[0] / name).rename(export / name)
        section = name.removesuffix(".csv")
        parts.append(f'[[table]]\nfile = "{section}"\n[table.{section}]\nall_columns = true\n')
    (folder / "mine.toml").write_text('[options]\ndates = ["iso", "uk"]\n' + "\n".join(parts), encoding="utf-8")
    return export


def test_an_export_in_all_shapes_at_once_gives_the_native_return_byte_for_byte(
    sample: dict[str, pl.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = some_cases(sample)
    write_layout(some, "native", tmp_path / "native")
    exports = {"native": (tmp_path / "native", "native")}
    exports["shapes"] = (all_shapes_at_once(some, tmp_path / "mine"), str(tmp_path / "mine/mine.toml"))
    returned = {}
    for name, (export, profile) in exports.items():
        words = ["run", str(export), "--source", profile, "--authority", "E06000034", "--quarter", "2025-Q3"]
        monkeypatch.setattr(sys, "argv", ["hclic", *words, "--personal", "--out", str(tmp_path / "out" / name)])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code in (0, None)
        folder = tmp_path / "out" / name / "E06000034/2025-Q3/return"
        returned[name] = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    assert len(returned["native"]) >= 2
    assert returned["shapes"] == returned["native"]
