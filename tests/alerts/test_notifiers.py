"""Messages reach a real mail server, a real web server and a folder, with nothing in them but references and days."""

from __future__ import annotations

import email
import hashlib
import hmac
import json
import logging
from dataclasses import replace
from datetime import UTC, date, datetime
from email.policy import default as policy
from pathlib import Path
from typing import Any

import pytest

from pipelines.alerts.kinds import Alert
from pipelines.alerts.message import Message
from pipelines.alerts.notifiers import Notifier, NotSentError, notifier
from pipelines.errors import UsageError
from tests.alerts.servers import LOOPBACK, mail_server, make_certificate, web_server
from tests.alerts.stored_cases import LA, SECRETS, ref

MESSAGE = Message(
    LA,
    date(2025, 11, 14),
    "HO01",
    "ho01@council.example",
    (
        Alert("a" * 16, "day_57_passed", "relief", date(2025, 11, 13), ref(1), "HX1", "HO01", "Relief"),
        Alert("b" * 16, "bb_limit_near", "bed and breakfast", date(2025, 11, 20), ref(2), SECRETS[1], "HO01", None),
        Alert("c" * 16, "review_due", "review 1", date(2025, 11, 30), ref(3), None, "HO01", None),
    ),
    datetime(2025, 11, 14, 7, 30, tzinfo=UTC),
)
BODY = f"""As at 14 November 2025, the day of the export.

Families about to reach six weeks in bed and breakfast (1)
- {ref(2)}: six weeks on 20 November 2025.

Duties past their 56th day (1)
- HX1 ({ref(1)}): relief, day 57 was 13 November 2025.

Reviews due and not decided (1)
- {ref(3)}: review 1, due on 30 November 2025.

Each of these is sent once. What counts is the casework system: if a date is wrong there, correct it there; if it is\
 right, nothing need be entered.
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


def smtp(port: int, environment: dict[str, str] | None = None, **more: Any) -> Notifier:
    options = {"host": LOOPBACK, "port": port, "sender": "hclic@council.example", "security": "none", **more}
    return notifier("smtp", options, environment or {})


def test_a_mail_arrives_with_the_alerts_in_plain_words_and_no_reference_in_its_subject() -> None:
    with mail_server() as box:
        smtp(box.port).deliver(MESSAGE)
    (envelope,) = box.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hclic@council.example", ["ho01@council.example"])
    mail = email.message_from_bytes(envelope.content, policy=policy)
    assert mail["Subject"] == "3 alerts from Thurrock"
    assert mail["Date"] == "Fri, 14 Nov 2025 07:30:00 +0000"
    assert mail["Message-ID"] == f"<{MESSAGE.ident}@council.example>"
    assert mail.get_content().replace("\r\n", "\n") == BODY
    assert not [secret for secret in SECRETS if secret.encode() in envelope.content]


def test_a_repetition_has_the_same_id_and_other_alerts_another() -> None:
    again = replace(MESSAGE, made=datetime(2025, 11, 15, tzinfo=UTC), as_at=date(2025, 11, 15))
    assert again.ident == MESSAGE.ident
    assert replace(MESSAGE, alerts=MESSAGE.alerts[:1]).ident != MESSAGE.ident


def test_the_password_of_the_environment_is_given_over_tls_to_a_server_that_can_be_trusted(certificate: Path) -> None:
    login = {"HCLIC_SMTP_USER": "hclic", "HCLIC_SMTP_PASSWORD": "sesame"}
    trusted = {"security": "starttls", "ca_file": certificate}
    with mail_server(certificate, ("hclic", "sesame")) as box:
        smtp(box.port, login, **trusted).deliver(MESSAGE)
        assert (len(box.mails), box.logins) == (1, [(b"hclic", b"sesame")])
        with pytest.raises(NotSentError, match="did not accept HCLIC_SMTP_USER") as refused:
            smtp(box.port, {**login, "HCLIC_SMTP_PASSWORD": "wrong"}, **trusted).deliver(MESSAGE)
    assert len(box.mails) == 1 and "wrong" not in str(refused.value)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_server_that_nobody_vouches_for_is_told_nothing(certificate: Path, security: str) -> None:
    login = {"HCLIC_SMTP_USER": "hclic", "HCLIC_SMTP_PASSWORD": "sesame"} if security == "starttls" else {}
    given = ("hclic", "sesame") if login else None
    with mail_server(certificate, given, at_once=security == "tls") as box:
        with pytest.raises(NotSentError, match="certificate") as refused:
            smtp(box.port, login, security=security).deliver(MESSAGE)
        assert (refused.value.is_down, box.mails, box.logins) == (True, [], [])
        smtp(box.port, login, security=security, ca_file=certificate).deliver(MESSAGE)
    assert len(box.mails) == 1


def test_a_server_that_offers_no_tls_is_sent_nothing_in_the_clear() -> None:
    with mail_server() as box, pytest.raises(NotSentError):
        smtp(box.port, security="starttls").deliver(MESSAGE)
    assert box.mails == []


def test_a_password_is_not_sent_to_another_machine_in_the_clear() -> None:
    with pytest.raises(UsageError, match="in the clear"):
        notifier("smtp", {"host": "mail.example", "security": "none"}, {"HCLIC_SMTP_USER": "hclic"})


def test_a_recipient_whom_the_server_refuses_does_not_stop_the_others() -> None:
    with mail_server() as box:
        box.refused = {"ho01@council.example"}
        with pytest.raises(NotSentError) as refused:
            smtp(box.port).deliver(MESSAGE)
        smtp(box.port).deliver(replace(MESSAGE, address="other@council.example"))
    assert str(refused.value) == "the mail server refused the recipient"
    assert (refused.value.is_down, len(box.mails)) == (False, 1)


def test_a_mail_server_that_is_not_there_is_down() -> None:
    with mail_server() as box:
        port = box.port
    with pytest.raises(NotSentError, match="cannot be reached") as refused:
        smtp(port).deliver(MESSAGE)
    assert refused.value.is_down


def test_no_line_break_gets_into_a_header() -> None:
    with mail_server() as box, pytest.raises(ValueError, match=r"linefeed|newline"):
        smtp(box.port).deliver(replace(MESSAGE, address="a@council.example\r\nBcc: all@council.example"))
    assert box.mails == []


def test_a_webhook_is_posted_counts_references_and_days_signed_with_the_key() -> None:
    with web_server() as posted:
        notifier("webhook", {"url": posted.url}, {"HCLIC_WEBHOOK_KEY": "key"}).deliver(MESSAGE)
    ((path, headers, content),) = posted.requests
    assert (path, headers["Content-Type"], headers["Idempotency-Key"]) == ("/alerts", "application/json", MESSAGE.ident)
    assert headers["X-Hclic-Signature"] == "sha256=" + hmac.new(b"key", content, hashlib.sha256).hexdigest()
    assert json.loads(content) == {
        "id": MESSAGE.ident,
        "authority": LA,
        "as_at": "2025-11-14",
        "to": "ho01@council.example",
        "may_be_again": False,
        "counts": {"bb_limit_near": 1, "day_57_passed": 1, "review_due": 1},
        "alerts": [
            {"id": "a" * 16, "kind": "day_57_passed", "case_ref": ref(1), "about_on": "2025-11-13"},
            {"id": "b" * 16, "kind": "bb_limit_near", "case_ref": ref(2), "about_on": "2025-11-20"},
            {"id": "c" * 16, "kind": "review_due", "case_ref": ref(3), "about_on": "2025-11-30"},
        ],
    }


@pytest.mark.parametrize("answer", [301, 307, 404, 500])
def test_a_webhook_that_does_not_take_a_message_is_told_by_its_code_and_never_followed(answer: int) -> None:
    with web_server() as posted, web_server() as elsewhere:
        posted.answer, posted.location = answer, elsewhere.url
        with pytest.raises(NotSentError, match=f"code {answer}"):
            notifier("webhook", {"url": posted.url}, {}).deliver(MESSAGE)
    assert (len(posted.requests), elsewhere.requests) == (1, [])


@pytest.mark.parametrize(
    "url", ["http://council.example/x", "https://me:secret@council.example/x", "ftp://127.0.0.1/x", "file:///etc/x", ""]
)
def test_a_webhook_is_https_without_a_password_and_its_address_is_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        notifier("webhook", {"url": url}, {})
    assert not url or url not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_file_is_for_its_owner_alone_and_the_same_message_takes_the_same_place(tmp_path: Path) -> None:
    folder = tmp_path / "post"
    for _ in range(2):
        notifier("file", {"folder": folder}, {}).deliver(MESSAGE)
    (path,) = folder.iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == (f"2025-11-14_{MESSAGE.ident}.txt", 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert path.read_text() == f"To: ho01@council.example\nSubject: 3 alerts from Thurrock\n\n{BODY}"


def test_a_folder_that_cannot_be_written_is_down(tmp_path: Path) -> None:
    (tmp_path / "post").write_text("a file in the way")
    with pytest.raises(NotSentError, match="cannot be written") as refused:
        notifier("file", {"folder": tmp_path / "post"}, {}).deliver(MESSAGE)
    assert refused.value.is_down


def test_apprise_hands_a_message_over_and_says_nothing_of_what_a_server_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with web_server() as posted, caplog.at_level(logging.DEBUG):
        posted.answer = 200
        channel = notifier("apprise", {}, {"HCLIC_APPRISE_URL": f"json://{LOOPBACK}:{posted.port}/token"})
        channel.deliver(MESSAGE)
        posted.answer = 500
        with pytest.raises(NotSentError, match="Apprise could not hand it over"):
            channel.deliver(MESSAGE)
    sent = json.loads(posted.requests[0][2])
    assert (sent["title"], sent["message"].strip()) == ("3 alerts from Thurrock", f"For HO01.\n\n{BODY}".strip())
    assert not [record for record in caplog.records if record.name.startswith("apprise")]


@pytest.mark.parametrize("address", ["", "nonsense-secret"])
def test_an_apprise_address_comes_from_the_environment_and_is_not_repeated(address: str) -> None:
    with pytest.raises(UsageError, match="HCLIC_APPRISE_URL") as refused:
        notifier("apprise", {}, {"HCLIC_APPRISE_URL": address})
    assert "nonsense" not in str(refused.value)
