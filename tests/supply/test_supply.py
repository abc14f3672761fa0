"""What keeps a faulty or unlicensed part out: known vulnerabilities and licences are judged, and a list is no cover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from pipelines.setup.doctor import software
from tools.supply import audit, licences

TODAY = date(2026, 11, 29)
FAULTY = {
    "name": "idna",
    "version": "3.20",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3.21"], "description": "…"}],
}


def listed(until: date, id: str = "CVE-1", package: str = "idna") -> list[dict[str, Any]]:
    return [{"id": id, "package": package, "reason": "It is not used.", "until": until}]


@pytest.mark.parametrize(
    ("ignored", "sentences"),
    [
        ([], 1),
        (listed(TODAY), 0),
        (listed(TODAY, id="PYSEC-1"), 0),
        (listed(date(2026, 11, 28)), 1),
        (listed(TODAY, id="CVE-2"), 1),
        (listed(TODAY, package="other"), 1),
    ],
)
def test_a_known_vulnerability_fails_unless_it_is_listed_and_its_day_has_not_passed(
    ignored: list[dict[str, Any]], sentences: int
) -> None:
    found = audit.unlisted([FAULTY, {"name": "ok", "version": "1", "vulns": []}], ignored, TODAY)
    assert len(found) == sentences
    assert all("mended in 3.21" in one for one in found)


def test_an_audit_fails_on_a_vulnerability_and_says_when_nobody_could_be_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[int] = []

    def answers(pins: Sequence[str], seconds: int) -> list[dict[str, Any]]:
        asked.append(len(pins))
        return [FAULTY]

    assert audit.check(TODAY, answers) == 1
    assert asked[0] == 1 < asked[1]
    assert "PYSEC-1" in capsys.readouterr().out
    assert audit.check(TODAY, lambda pins, seconds: None) == 0
    assert capsys.readouterr().out == audit.NOT_REACHED + "\n"


def said(*classifiers: str, **headers: str) -> Message:
    made = Message()
    for one in classifiers:
        made["Classifier"] = f"License :: OSI Approved :: {one}"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    return made


@pytest.mark.parametrize(
    ("metadata", "licence", "fault"),
    [
        (said(License_Expression="MIT AND PSF-2.0"), "MIT AND PSF-2.0", ""),
        (said("MIT License", License="Copyright (c) 2025\nsomebody"), "MIT", ""),
        (said("MIT License", "Apache Software License"), "MIT OR Apache-2.0", ""),
        (said(License="BSD-3-Clause"), "BSD-3-Clause", ""),
        (said(License_Expression="MIT OR GPL-3.0-only"), "MIT OR GPL-3.0-only", ""),
        (said(License_Expression="MIT AND GPL-3.0-only"), "MIT AND GPL-3.0-only", "not permitted"),
        (said(License="AGPL-3.0-only"), "AGPL-3.0-only", "not permitted"),
        (said(), "", "names no licence"),
    ],
)
def test_a_licence_that_is_unknown_or_not_permitted_is_a_fault(metadata: Message, licence: str, fault: str) -> None:
    judged = licences.judge("some-package", metadata, licences.rules())
    assert judged.licence == licence
    assert fault in judged.fault
    assert bool(fault) == bool(judged.fault)


def test_every_package_that_an_installed_hclic_needs_has_a_permitted_licence() -> None:
    assert [one for one in licences.licences() if one.fault] == []
    assert set(licences.rules()["packages"]) <= {one.name for one in licences.licences()}


def test_a_stale_page_of_licences_names_the_lines_that_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = licences.page(licences.licences())
    stale = tmp_path / "licences.md"
    stale.write_text(page.replace("| lxml | BSD-3-Clause |  |", "| lxml | MIT |  |"), encoding="utf-8")
    monkeypatch.setattr(licences, "PAGE", stale)
    monkeypatch.setattr(licences.sys, "platform", "linux")
    monkeypatch.setattr(licences, "OLDEST", licences.sys.version_info[:2])
    assert licences.check() == 1
    told = capsys.readouterr().out.splitlines()
    assert told[1:] == ["-| lxml | MIT |  |", "+| lxml | BSD-3-Clause |  |"]
    stale.write_text(page, encoding="utf-8")
    assert licences.check() == 0
    assert capsys.readouterr().out == ""


def test_the_page_of_licences_follows_the_source_and_not_the_metadata_of_an_older_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_source = licences.asked_for()
    monkeypatch.setattr(software, "requires", lambda name: ["gone-long-ago"] if name == "hclic" else [])
    names = {software.canonical(software.Requirement(one).name) for one in of_source}
    assert set(software.needed(of_source)) == names
    assert set(software.needed()) == {"gone-long-ago"}


def test_what_is_ignored_and_what_is_known_of_a_licence_says_why() -> None:
    import tomllib

    for one in tomllib.loads(audit.IGNORED.read_text(encoding="utf-8")).get("ignored", []):
        assert one["reason"] and isinstance(one["until"], date)
    assert all(one["why"] for one in licences.rules()["packages"].values())
