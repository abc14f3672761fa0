"""Runs through a pack whose Schematron finds more, less or the same as our own rules; the pack is invented."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.emit.returns import check_pack
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.run.summary import summarise

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"
ONE, TWO = "E06000034_000000000001", "E06000034_000000000002"
DAY = r"xs:date(replace(@on, '(..)/(..)/(....)', '$3-$2-$1'))"
BEFORE = f"{DAY} ge xs:date(substring(../@applied, 1, 10))"
RULES = f"""<sch:schema xmlns:sch="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
  <sch:ns prefix="r" uri="urn:invented:attributes"/>
  <sch:pattern>
    <sch:rule context="r:Household/r:Assessment">
      <sch:assert id="ORDER" test="{BEFORE}">Assessed on <sch:value-of select="@on"/>, before it was made.</sch:assert>
    </sch:rule>
  </sch:pattern>
  <sch:pattern>
    <sch:rule context="r:Duty[@kind = 'R'][ends-with(../../@id, '1')]">
      <sch:report id="OPEN" test="not(@end)" diagnostics="mend">The relief of case one is open.</sch:report>
    </sch:rule>
  </sch:pattern>
  <sch:diagnostics><sch:diagnostic id="mend">End it.</sch:diagnostic></sch:diagnostics>
</sch:schema>
"""


def invented(folder: Path) -> Path:
    """The pack in the folder."""
    shutil.copytree(HERE / "packs" / "attributes", folder)
    (folder / "rules.sch").write_text(RULES, encoding="utf-8")
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return invented(tmp_path / "pack")


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Ledger and outputs of a run as the council would make it."""
    folder = tmp_path_factory.mktemp("blocked")
    export = Path(shutil.copytree(GOLDEN / "one-bad-case-blocks" / "input", folder / "export"))
    cases = pl.read_csv(export / "main.csv", infer_schema=False).with_columns(officer=pl.lit("OFF7"))
    cases.write_csv(export / "main.csv")
    return run(folder, invented(folder / "pack"), export=str(export))


def run(tmp_path: Path, pack: Path, **given: object) -> tuple[dict[str, Any], Path]:
    """The ledger of the run of two cases, of which the second was assessed before it applied; and its outputs."""
    typed = {
        "export": str(GOLDEN / "one-bad-case-blocks" / "input"),
        "authority": "E06000034",
        "quarter": "2025-Q3",
        "source": "native",
        "pages": False,
        "out": str(tmp_path / "out"),
        "return_profile": str(pack),
    }
    ended = make(Request.read({**typed, **given}, started=datetime(2025, 10, 8, tzinfo=UTC)))
    return json.loads((ended.folder / "ledger.json").read_text(encoding="utf-8")), ended.folder


def findings(folder: Path) -> dict[tuple[str, str | None], dict[str, Any]]:
    """The findings of ``findings.csv`` by rule and case."""
    rows = pl.read_csv(folder / "findings" / "findings.csv", infer_schema=False).to_dicts()
    return {(row["rule_id"], row["case_ref"]): row for row in rows}


def compared(folder: Path) -> list[tuple[str | None, ...]]:
    """Who found what, from ``official_compared.csv``."""
    rows = pl.read_csv(folder / "findings" / "official_compared.csv", infer_schema=False)
    return rows.select("found_by", "case_ref", "our_rule", "their_rule", "matched_by").rows()


def waivers(tmp_path: Path, *rules: tuple[str, str]) -> str:
    path = tmp_path / "waivers.csv"
    lines = [f"{rule},{case},,A. Officer,known,2026-12-31" for rule, case in rules]
    path.write_text("\n".join(["rule_id,case_ref,record_key,owner,reason,expires", *lines]) + "\n")
    return str(path)


def test_what_the_schematron_finds_blocks_and_stands_in_the_findings_with_its_case(
    blocked: tuple[dict[str, Any], Path],
) -> None:
    book, folder = blocked
    assert (book["result"], book["exit_status"]) == ("blocked", 1)
    assert not (folder / "return").exists()
    found = findings(folder)["OPEN", ONE]
    assert (found["severity"], found["section"], found["in_return"]) == ("error", "relief", "yes")
    assert (found["message"], found["action"]) == ("The relief of case one is open.", "End it.")
    assert (found["file"], found["row"], found["officer"]) == ("relief.csv", "2", "OFF7")
    assert "OPEN" in summarise(folder)


def test_values_that_an_assertion_prints_stand_in_the_findings_only(blocked: tuple[dict[str, Any], Path]) -> None:
    book, folder = blocked
    assert findings(folder)["ORDER", TWO]["value"] == "Assessed on 30/06/2025, before it was made."
    assert findings(folder)["ORDER", TWO]["message"] == "Assessed on …, before it was made."
    for text in (json.dumps(book), summarise(folder)):
        assert "30/06/2025" not in text
    assert "30/06/2025" not in (folder / "findings" / "official_compared.csv").read_text(encoding="utf-8")


def test_both_sides_stand_beside_each_other_by_their_fields(blocked: tuple[dict[str, Any], Path]) -> None:
    _, folder = blocked
    rows = compared(folder)
    assert ("both", TWO, "V-01", "ORDER", "fields") in rows
    assert ("theirs only", ONE, None, "OPEN", None) in rows
    assert not [row for row in rows if row[0] == "theirs only" and row[3] == "ORDER"]


def test_the_profile_says_which_of_our_rules_an_assertion_is(tmp_path: Path, pack: Path) -> None:
    text = (pack / "profile.toml").read_text(encoding="utf-8")
    (pack / "profile.toml").write_text(text + '\n[schematron.same_as]\n"ORDER" = "V-01"\n', encoding="utf-8")
    assert ("both", TWO, "V-01", "ORDER", "same_as") in compared(run(tmp_path, pack)[1])
    # Named as another rule, it is no longer laid beside the one of the same fields.
    (pack / "profile.toml").write_text(text + '\n[schematron.same_as]\n"ORDER" = ["L-02a"]\n', encoding="utf-8")
    rows = compared(run(tmp_path / "again", pack)[1])
    assert ("theirs only", TWO, None, "ORDER", None) in rows and ("ours only", TWO, "V-01", None, None) in rows


def test_a_mapping_of_what_is_not_there_is_refused(pack: Path) -> None:
    text = (pack / "profile.toml").read_text(encoding="utf-8")
    (pack / "profile.toml").write_text(text + '\n[schematron.same_as]\n"ORDRE" = "V-01"\n"OPEN" = "L-99z"\n')
    told = check_pack(str(pack)).refusals
    assert "[schematron.same_as] names assertions that the Schematron lacks: ORDRE." in told
    assert "[schematron.same_as] names rules that hclic lacks: L-99z." in told


def test_a_finding_of_the_schematron_can_be_waived(tmp_path: Path, pack: Path) -> None:
    file = waivers(tmp_path, ("OPEN", ONE), ("ORDER", TWO), ("V-01", TWO))
    book, folder = run(tmp_path, pack, waivers=file)
    assert [row for row in findings(folder).values() if row["severity"] == "error"] == []
    assert (book["result"], [one["rule_id"] for one in book["waivers"]]) == ("clean", ["V-01", "OPEN", "ORDER"])
    assert (folder / "return").is_dir()
    assert not [key for key in findings(folder) if key[0] == "W-unused"]


def test_cases_with_errors_of_the_schematron_can_be_left_out(tmp_path: Path, pack: Path) -> None:
    # The cases are chosen twice then; what is said of the file of forced cases is said once.
    forced = tmp_path / "forced.csv"
    forced.write_text("case_ref,action,reason\nE06000034_000000999999,include,late\n", encoding="utf-8")
    book, folder = run(tmp_path, pack, exclude_cases_with_errors="the deadline", forced_cases=str(forced))
    assert book["result"] == "clean"
    assert book["cases"]["excluded_for_errors"]["cases"] == [ONE, TWO]
    assert ("OPEN", ONE) in findings(folder)
    assert (folder / "findings" / "findings.csv").read_text(encoding="utf-8").count("\nREF-08,") == 1
    assert len([one for one in book["notices"] if "forced" in one]) == 1


def test_a_schematron_that_breaks_off_blocks_with_a_sentence(tmp_path: Path, pack: Path) -> None:
    # Its let is read by every assertion, and fails: nothing of what it checks is known.
    broken = RULES.replace("<sch:pattern>", '<sch:let name="all" value="xs:date(\'soon\')"/><sch:pattern>', 1)
    (pack / "rules.sch").write_text(
        broken.replace('test="not(@end)', 'test="string($all) and not(@end)'), encoding="utf-8"
    )
    book, folder = run(tmp_path, pack)
    assert book["result"] == "blocked" and not (folder / "return").exists()
    told = [row["message"] for row in findings(folder).values() if "could not be" in row["message"]]
    assert told and "soon" not in " ".join(told)
