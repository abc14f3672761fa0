"""The alerts file and its contacts: what they may say, and that no address is repeated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.alerts import read_config
from pipelines.alerts.config import Near
from pipelines.errors import UsageError
from pipelines.period import Quarter

WHOLE = """
days_back = 14

[recipients]
default = "front@council.example"
returns = "returns@council.example"
contacts = "contacts.csv"

[near]
review = 3

[deadlines]
"2025-Q4" = 2026-02-06

[[notifier]]
kind = "file"
folder = "post"

[[notifier]]
kind = "smtp"
host = "mail.council.example"
sender = "hclic@council.example"
"""
SHORT = '[recipients]\ndefault = "front@council.example"\n'
FILE = '[[notifier]]\nkind = "file"\nfolder = "post"\n'


def written(tmp_path: Path, text: str, contacts: str | None = None) -> Path:
    path = tmp_path / "alerts.toml"
    path.write_text(text)
    if contacts is not None:
        (tmp_path / "contacts.csv").write_text(contacts)
    return path


def test_the_file_says_who_is_told_how_long_before_and_by_what(tmp_path: Path) -> None:
    config = read_config(
        written(tmp_path, WHOLE, "name,address\nHO01,ho01@council.example\nHO01,ho01@council.example\n")
    )
    assert config.contacts.of("ho01", None) == ("HO01", "ho01@council.example")
    assert config.contacts.of("HO02", None) == ("default", "front@council.example")
    assert (config.near, config.days_back) == (Near(review=3), 14)
    assert config.deadlines == {Quarter(2025, 4): date(2026, 2, 6)}
    (_, file), (kind, smtp) = config.notifiers
    assert file == {"folder": tmp_path / "post"}
    assert (kind, smtp["security"]) == ("smtp", "starttls")


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, SHORT + FILE))
    assert config.contacts.returns == "front@council.example"
    assert (config.near, config.days_back, config.deadlines) == (Near(), 28, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[recipients", "is not TOML"),
        (FILE, "needs \\[recipients\\]"),
        (SHORT, "at least one"),
        (SHORT + "[near]\nreviews = 3\n" + FILE, "can hold only"),
        (SHORT + "[near]\nreview = -3\n" + FILE, "whole number of days"),
        ("days_back = true\n" + SHORT + FILE, "days_back"),
        (SHORT + '[deadlines]\n"2025-Q4" = "soon"\n' + FILE, "a day by quarter"),
        (SHORT + '[deadlines]\n"the last" = 2026-02-06\n' + FILE, "quarter"),
        (SHORT + '[[notifier]]\nkind = "pigeon"\n', "is one of file, smtp"),
        (SHORT + FILE + FILE, "one notifier of the kind file"),
        (SHORT + '[[notifier]]\nkind = "file"\n', "needs a folder"),
        (SHORT + '[[notifier]]\nkind = "smtp"\nhost = "mail"\nsender = "me"\n', "sender"),
        (SHORT + '[[notifier]]\nkind = "smtp"\nhost = "a b"\nsender = "me@x.example"\n', "needs a host"),
        (SHORT + '[[notifier]]\nkind = "smtp"\nhost = "mail"\npassword = "sesame"\n', "can hold only"),
        (SHORT + '[[notifier]]\nkind = "smtp"\nhost = "mail"\nport = "25"\n', "a whole number"),
        (SHORT + '[[notifier]]\nkind = "apprise"\nurl = "slack://secret"\n', "can hold only"),
        ('[recipients]\ndefault = "Front desk <front@council.example>"\n' + FILE, "one e-mail address"),
        ('[recipients]\ndefault = "a@x.example\\r\\nBcc: b@x.example"\n' + FILE, "one e-mail address"),
    ],
)
def test_what_is_not_understood_is_a_sentence_that_repeats_no_value(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        read_config(written(tmp_path, text))
    assert not [said for said in ("sesame", "secret", "@x.example", "front@") if said in str(refused.value)]


@pytest.mark.parametrize(
    ("contacts", "words"),
    [
        ("name,address\n,ho01@council.example\n", "row 2, column name"),
        ("name,address\nHO01,nobody\n", "row 2, column address"),
        ("name,address\nHO01,a@council.example b@council.example\n", "row 2, column address"),
        ("name,address\nHO01,a@council.example\nho01,b@council.example\n", "stands in the file twice"),
        ("officer,address\nHO01,a@council.example\n", "name"),
    ],
)
def test_a_contact_that_cannot_be_used_is_told_by_row_and_column(tmp_path: Path, contacts: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        read_config(written(tmp_path, WHOLE, contacts))
    assert "@council.example" not in str(refused.value)
