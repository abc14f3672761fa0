"""``hclic alerts`` and ``hclic run --alerts`` on the sample: what is sent, what is said, and how they end."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.alerts.after_run import after_run
from pipelines.cli import app
from pipelines.errors import PassingError, UsageError
from pipelines.run.request import Request
from tests.alerts.servers import mail_server
from tests.alerts.stored_cases import LA, NOW

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data/sample/native"
CONTACTS = "name,address\nHO01,ho01@council.example\nNorth,north@council.example\n"


def written(folder: Path, port: int) -> Path:
    """An alerts file with a folder and a mail server."""
    (folder / "contacts.csv").write_text(CONTACTS)
    path = folder / "alerts.toml"
    path.write_text(
        '[recipients]\ndefault = "front@council.example"\ncontacts = "contacts.csv"\n\n'
        '[[notifier]]\nkind = "file"\nfolder = "post"\n\n'
        f'[[notifier]]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        'sender = "hclic@council.example"\n'
    )
    return path


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("alerts")


def test_a_notifier_that_fails_changes_nothing_of_a_run_and_the_next_one_sends_what_it_did_not(alone: Path) -> None:
    with mail_server() as box:
        box.refuses_all = True
        config = written(alone, box.port)
        made = ["run", str(SAMPLE), "--authority", LA, "--quarter", "2025-Q3", "--source", "native", "--no-pages"]
        made += ["--out", str(alone / "out"), "--alerts", str(config)]
        first = CliRunner().invoke(app, made)
        assert box.mails == []
        box.refuses_all = False
        again = CliRunner().invoke(app, made)
        sent = [bytes(one.content) for one in box.mails]
    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert "Not sent by smtp" in first.output and "Not sent" not in again.output
    assert "By file: 0 alerts sent to 0 recipients." in again.output
    files = [path.read_bytes() for path in (alone / "post").iterdir()]
    assert len(files) == len(sent) > 0
    _holds_nothing_of_the_people([*files, *sent, first.output.encode(), again.output.encode()])


def _holds_nothing_of_the_people(texts: list[bytes]) -> None:
    """No name, number, day of birth or address of the sample's people, and no free text of its cases."""
    secrets: set[str] = set()
    for path in SAMPLE.glob("*.csv"):
        frame = pl.read_csv(path, infer_schema=False)
        for name in frame.columns:
            if any(part in name for part in ("name", "birth", "national", "postcode", "address", "uprn")):
                secrets |= {value for value in frame[name].drop_nulls().to_list() if len(value) > 3}
    assert len(secrets) > 50
    assert not [secret for secret in secrets for text in texts if secret.encode() in text]


def test_a_dry_run_says_how_many_go_to_whom_and_sends_nothing(alone: Path) -> None:
    # A folder of its own is another run of the same file notifier: what it told stands in the warehouse, not there.
    asked = ["alerts", "--warehouse", str(alone / "out/warehouse.duckdb"), "--authority", LA]
    asked += ["--config", str(alone / "alerts.toml"), "--deadline", "2999-01-01", "--dry-run"]
    before = sorted((alone / "post").iterdir())
    said = CliRunner().invoke(app, asked)
    assert (said.exit_code, sorted((alone / "post").iterdir())) == (0, before)
    assert "By smtp: 0 alerts to 0 recipients" in said.output
    assert said.output.endswith("Nothing was sent.\n")
    assert f"{LA}_" not in said.output


def test_a_failing_notifier_ends_the_command_as_a_fault_that_may_pass(alone: Path, tmp_path: Path) -> None:
    with mail_server() as box:
        config = written(tmp_path, box.port)
    config.write_text(config.read_text().replace('"file"\nfolder = "post"', '"webhook"\nurl = "http://127.0.0.1:9/x"'))
    asked = ["alerts", "--warehouse", str(alone / "out/warehouse.duckdb"), "--authority", LA, "--config", str(config)]
    said = CliRunner().invoke(app, asked)
    assert isinstance(said.exception, PassingError)
    assert "Not sent by webhook" in said.output and "127.0.0.1" not in said.output


def request(tmp_path: Path, alerts: Path | None) -> Request:
    given = {"export": "e", "authority": LA, "quarter": "2025-Q3", "source": "native", "out": str(tmp_path)}
    return Request.read({**given, "alerts": None if alerts is None else str(alerts)}, started=NOW)


def test_after_a_run_no_fault_of_an_alert_is_raised(tmp_path: Path) -> None:
    assert after_run(request(tmp_path, None), NOW).lines == ()
    config = written(tmp_path, 9)
    outcome = after_run(request(tmp_path, config), NOW)
    assert outcome.failed == 1
    assert outcome.lines[0].startswith("The alerts were not sent. There is no warehouse")


def test_an_alerts_file_that_cannot_be_used_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    wrong = tmp_path / "alerts.toml"
    wrong.write_text("[recipients]\n")
    made = ["run", "no-such-export", "--authority", LA, "--quarter", "2025-Q3", "--source", "native"]
    said = CliRunner().invoke(app, [*made, "--out", str(tmp_path / "out"), "--alerts", str(wrong)])
    assert isinstance(said.exception, UsageError)
    assert not (tmp_path / "out").exists()
