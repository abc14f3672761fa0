"""What is read of a database as the export lies encrypted in the work folder, and is read as the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import at_rest
from pipelines.address import parse_address
from pipelines.credentials import Credentials
from pipelines.errors import UsageError
from pipelines.extract.databases.queries import Query
from pipelines.extract.databases.snapshot import take_snapshot
from pipelines.extract.exports import files_of
from tests.at_rest.test_kills import SENTINEL, holding_names

ONE = at_rest.new_key()


def taken(folder: Path, source: Path) -> tuple[str, int]:
    query = Query("people", f"select i, '{SENTINEL}' || i as surname from range(5000) as r (i)")
    take_snapshot(parse_address(f"duckdb://{source}"), [query], Credentials(), folder, minutes=1)
    (file,) = files_of(folder)
    return file.digest.sha256, file.digest.bytes


def test_rows_read_of_a_database_are_encrypted_and_of_the_same_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(at_rest.KEY, raising=False)
    source = tmp_path / "source.duckdb"
    at_rest.connect(source).close()
    plain = taken(tmp_path / "plain", source)
    with monkeypatch.context() as keyed:
        keyed.setenv(at_rest.KEY, ONE)
        assert taken(tmp_path / "sealed", source) == plain
        (file,) = files_of(tmp_path / "sealed")
        assert SENTINEL.encode() not in (tmp_path / "sealed" / file.name).read_bytes()
        with file.opened() as stream:
            assert stream.read() == (tmp_path / "plain" / file.name).read_bytes()
    assert holding_names(tmp_path / "sealed") == set()
    assert at_rest.is_private(tmp_path / "sealed" / file.name)
    (file,) = files_of(tmp_path / "sealed")
    with pytest.raises(UsageError, match="is encrypted"):
        file.size()
