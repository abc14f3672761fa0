"""``hclic serve``: where it listens, what it refuses, how it ends."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.serve.listening import check_certificate, serve, socket_at
from pipelines.serve.passwords import read
from tests.conftest import ROOT
from tests.serve.asking import Asker, Clock, site
from tests.warehouse.stored import LA

FILES = {"certificate": Path("c.pem"), "key": Path("k.pem"), "passwords": Path("people.txt")}


@pytest.mark.parametrize("host", ["192.0.2.7", "hclic.example.org", "localhost", "0.0.0.0", "::", "fe80::1"])
@pytest.mark.parametrize("lacking", ["passwords", "certificate"])
def test_another_address_needs_a_certificate_and_passwords(path: Path, host: str, lacking: str) -> None:
    given = {
        name: file for name, file in FILES.items() if name != lacking and (lacking, name) != ("certificate", "key")
    }
    with pytest.raises(UsageError, match="give a certificate"):
        site(path, host=host, **given)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_this_machine_alone_needs_neither(path: Path, host: str) -> None:
    assert site(path, host=host).address.startswith(f"http://{'[::1]' if ':' in host else host}:8477/open?token=")


def test_a_certificate_without_its_key_is_refused(path: Path) -> None:
    with pytest.raises(UsageError, match="belong together"):
        site(path, certificate=Path("c.pem"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_every_address_at_once_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="Name one address"), socket_at(host, 0):
        pass


def test_a_port_in_use_and_an_address_of_another_machine_are_told_apart() -> None:
    with socket_at("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} is in use"), socket_at("127.0.0.1", port):
            pass
    with pytest.raises(UsageError, match="not an address of this machine"), socket_at("192.0.2.7", 0):
        pass


def test_a_certificate_that_is_none_is_refused_before_anything_listens(tmp_path: Path) -> None:
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).write_text("nothing")
        (tmp_path / name).chmod(0o600)
    with pytest.raises(UsageError, match="cannot be used"):
        check_certificate(tmp_path / "c.pem", tmp_path / "k.pem")
    (tmp_path / "k.pem").chmod(0o644)
    with pytest.raises(UsageError, match="Others may read the key"):
        check_certificate(tmp_path / "c.pem", tmp_path / "k.pem")


def test_a_warehouse_that_is_none_is_refused(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["serve", "--warehouse", str(tmp_path / "none.duckdb")])
    assert "There is no warehouse none.duckdb" in str(answer.exception)


def test_a_person_is_added_by_the_command(tmp_path: Path) -> None:
    people = tmp_path / "people.txt"
    typed = "correct horse battery\n" * 2
    answer = CliRunner().invoke(app, ["serve", "--passwords", str(people), "--add-user", "A. Officer"], input=typed)
    assert answer.exit_code == 0, answer.output
    assert list(read(people)) == ["A. Officer"]
    assert "correct horse" not in answer.output


def test_the_server_ends_when_nobody_uses_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.serve.listening.LOOK_EVERY", 0.01)
    clock, log = Clock(), []
    with socket_at("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        served = site(path, clock, port=port)

        def ready() -> None:
            clock.seconds += 31 * 60

        why = serve(lambda stop: Asker(served, log).app, served, listening, ready)
    assert why == "Nobody used it for 30 minutes."
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


@pytest.mark.parametrize(
    ("told", "why"),
    [(signal.SIGINT, "It was ended by hand."), (signal.SIGTERM, "The system ended it.")],
    ids=["by hand", "by the system"],
)
def test_the_command_prints_the_address_answers_and_ends(path: Path, told: signal.Signals, why: str) -> None:
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--warehouse", str(path), "--as", "officer"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        printed = running.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)(/open\?token=\S+)", printed)
        assert found is not None, running.stderr.read()
        asked = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        asked.request("GET", found[2])
        answer = asked.getresponse()
        assert answer.status == 303
        assert answer.getheader("server") is None
        asked.close()
        running.send_signal(told)
        rest, faults = running.communicate(timeout=30)
    assert running.returncode == 0
    assert faults == ""
    assert found[2] not in rest
    assert rest.splitlines()[-1] == f"Ended   {why}"
    assert "GET /open 303" in rest


def test_no_other_command_imports_the_web_framework() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom pipelines.cli import app\n"
        "CliRunner().invoke(app, ['serve', '--help'])\nCliRunner().invoke(app, ['rules'])\n"
        "print(sorted({'fastapi', 'starlette', 'uvicorn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and its key, made now."""
    import datetime
    import ipaddress

    pytest.importorskip("cryptography", reason="cryptography is not installed")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hclic")]),
    )
    begun = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begun)
        .not_valid_after(begun + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "c.pem", tmp_path / "k.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    paths[1].chmod(0o600)
    return paths


def test_over_tls_people_sign_in_and_nothing_is_answered_in_the_clear(
    path: Path, tmp_path: Path, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import ssl
    import threading
    from urllib.parse import urlencode

    from pipelines.serve import passwords

    monkeypatch.setitem(passwords._COST, "n", 16)
    people = tmp_path / "people.txt"
    passwords.add(people, "A. Officer", "correct horse battery")
    check_certificate(*certificate)
    stops, ready = [], threading.Event()
    with socket_at("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        served = site(path, Clock(), port=port, certificate=certificate[0], key=certificate[1], passwords=people)

        def app(stop):  # type: ignore[no-untyped-def]
            stops.append(stop)
            return Asker(served).app

        running = threading.Thread(target=serve, args=(app, served, listening, ready.set))
        running.start()
        try:
            assert ready.wait(30)
            trusted = ssl.create_default_context(cafile=str(certificate[0]))
            asked = http.client.HTTPSConnection("127.0.0.1", port, context=trusted, timeout=30)
            headers = {"origin": served.origin, "content-type": "application/x-www-form-urlencoded"}
            form = urlencode({"name": "A. Officer", "password": "correct horse battery"})
            asked.request("POST", "/sign-in", form, headers)
            answer = asked.getresponse()
            cookie = answer.getheader("set-cookie") or ""
            answer.read()
            assert (answer.status, answer.getheader("location")) == (303, "/")
            assert cookie.startswith(f"__Host-hclic-{port}=")
            assert "Secure" in cookie
            asked.request("GET", "/", headers={"cookie": cookie.partition(";")[0]})
            assert b"Runs of this warehouse" in asked.getresponse().read()
            asked.close()
            clear = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            clear.request("GET", "/sign-in")
            with pytest.raises((http.client.HTTPException, OSError)):
                clear.getresponse()
            clear.close()
        finally:
            stops[0]()
            running.join(30)


def test_the_pages_connect_to_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a page connected to somewhere")

    asker = Asker(site(path))
    asker.come_in()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    targets = ("/", f"/tables/{LA}/2025-Q3/A1", f"/worklists/{LA}/2025-Q3", f"/metrics/{LA}/2025-Q3/case_open_list")
    assert [asker.ask(target).status for target in targets] == [200] * 4
    asker.site.quarters.close()
