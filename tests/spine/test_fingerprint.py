"""The digest of our own files, by which a run knows whether the software is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.run.ledger import fingerprint


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "package" / "inner").mkdir(parents=True)
    (tmp_path / "package" / "one.py").write_text("one")
    (tmp_path / "package" / "inner" / "two.sql").write_text("two")
    return tmp_path / "package"


def test_compiled_bytecode_is_no_other_software(package: Path) -> None:
    before = fingerprint(package, suffixes=("",))
    for folder in (package, package / "inner"):
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "one.cpython-311.pyc").write_bytes(b"compiled")
    assert fingerprint(package, suffixes=("",)) == before


@pytest.mark.parametrize("change", ["a byte", "a name", "another file"])
def test_a_changed_file_is_other_software(change: str, package: Path) -> None:
    before = fingerprint(package, suffixes=("",))
    if change == "a byte":
        (package / "inner" / "two.sql").write_text("twO")
    elif change == "a name":
        (package / "one.py").rename(package / "three.py")
    else:
        (package / "four.toml").touch()
    assert fingerprint(package, suffixes=("",)) != before
