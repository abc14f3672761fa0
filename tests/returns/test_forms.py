"""The forms in which a portal may take the cases: one document, one for each case, batches."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from pipelines.emit.returns import ReturnFiles, check_pack, check_return, load_profile, write_return
from tests.returns.cases import AUTHORITY, case_rows, connect, ref, together
from tests.returns.shapes import Shape, cases_in, through

PACKS = Path(__file__).parent / "packs"
STEM = f"hclic_case_{AUTHORITY}_2025-Q4"
ONE_DATE = Shape(
    '<xs:sequence><xs:element name="D" type="xs:date"/></xs:sequence>',
    (),
    main='application_date = "D"\n',
    count=5,
)


def _names(files: ReturnFiles, kind: str = "case") -> list[str]:
    return [path.name for path in files.by_kind[kind]]


def test_one_document_unless_the_profile_says_otherwise(tmp_path: Path) -> None:
    files, _ = through(ONE_DATE, tmp_path)
    assert _names(files) == [f"{STEM}.xml"] and not (tmp_path / "out" / "documents.csv").exists()


@pytest.mark.parametrize(
    ("form", "held"),
    [
        ('form = "batch"\nbatch = 2\n', [2, 2, 1]),
        ('form = "batch"\nbatch = 5\n', [5]),
        ('form = "batch"\n', [5]),
        ('form = "per-case"\n', [1, 1, 1, 1, 1]),
    ],
)
def test_the_cases_are_parted_numbered_and_listed_and_counted_over_all(
    form: str, held: list[int], tmp_path: Path
) -> None:
    files, checked = through(replace(ONE_DATE, top=f"[return]\n{form}"), tmp_path)
    assert _names(files) == [f"{STEM}_{number:04d}.xml" for number in range(1, len(held) + 1)]
    assert [len(cases_in(path)) for path in files.by_kind["case"]] == held
    assert checked.problems == ()
    assert checked.counts["case"]["cases"] == {"warehouse": 5, "file": 5}
    listed = (tmp_path / "out" / "documents.csv").read_text(encoding="utf-8").splitlines()
    assert listed[0] == "document,file,of,cases,first_case_ref,last_case_ref"
    assert listed[1] == f"1,{STEM}_0001.xml,case,{held[0]},{ref(1)},{ref(held[0])}"
    assert len(listed) == 1 + len(held)


def test_fifty_cases_are_a_batch_by_default(tmp_path: Path) -> None:
    profile = load_profile(str(replace(ONE_DATE, top='[return]\nform = "batch"\n').write_pack(tmp_path)))
    assert profile.files["case"].profile.batch == 50


def test_a_document_that_is_lost_is_seen_by_the_count(tmp_path: Path) -> None:
    shape = replace(ONE_DATE, top='[return]\nform = "batch"\nbatch = 2\n')
    profile = load_profile(str(shape.write_pack(tmp_path / "pack")))
    con = connect(shape.rows())
    files = write_return(con, profile, tmp_path / "out", personal=False, software_version="0.1.0")
    second = files.by_kind["case"][1]
    second.write_bytes(files.case.read_bytes())
    told = " ".join(map(str, check_return(files, con, profile).problems))
    assert "2 selected cases are not in the file" in told and "2 cases are in the file more than once" in told


def test_every_document_is_held_to_the_xsd(tmp_path: Path) -> None:
    shape = replace(ONE_DATE, top='[return]\nform = "per-case"\n')
    profile = load_profile(str(shape.write_pack(tmp_path / "pack")))
    con = connect(shape.rows())
    files = write_return(con, profile, tmp_path / "out", personal=False, software_version="0.1.0")
    last = files.by_kind["case"][4]
    last.write_text(last.read_text(encoding="utf-8").replace("2025-10-02", "tomorrow"), encoding="utf-8")
    assert [(p.kind, p.case_ref) for p in check_return(files, con, profile).problems] == [("schema", ref(5))]


def test_the_header_counts_the_records_and_the_documents(tmp_path: Path) -> None:
    header = (
        '<xs:element name="H"><xs:complexType><xs:attribute name="n" type="xs:int"/>'
        '<xs:attribute name="no" type="xs:int"/><xs:attribute name="of" type="xs:int"/></xs:complexType></xs:element>'
    )
    case = '[case.header]\n"H/@n" = "records"\n"H/@no" = "document"\n"H/@of" = "documents"\n'
    shape = replace(ONE_DATE, top='[return]\nform = "batch"\nbatch = 3\n', header=header, case=case)
    files, checked = through(shape, tmp_path)
    assert checked.problems == ()
    heads = [etree.parse(str(path)).getroot()[0] for path in files.by_kind["case"]]
    assert [(h.get("n"), h.get("no"), h.get("of")) for h in heads] == [("3", "1", "2"), ("2", "2", "2")]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("return.xsd", 'xsi:noNamespaceSchemaLocation="return.xsd"'),
        ("urn:x return.xsd", 'xsi:schemaLocation="urn:x return.xsd"'),
    ],
)
def test_the_root_names_the_xsd_where_the_portal_wants_it(given: str, written: str, tmp_path: Path) -> None:
    files, checked = through(replace(ONE_DATE, case=f'schema_location = "{given}"\n'), tmp_path)
    assert checked.problems == ()
    assert f'<Return xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {written}>' in files.case.read_text("utf-8")


def test_the_root_of_a_document_may_be_the_case_itself(tmp_path: Path) -> None:
    pack = ONE_DATE.write_pack(tmp_path / "pack")
    (pack / "return.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Case"><xs:complexType><xs:sequence>'
        '<xs:element name="D" type="xs:date"/></xs:sequence><xs:attribute name="ref" use="required"/>'
        '<xs:attribute name="lha" use="required"/></xs:complexType></xs:element></xs:schema>',
        encoding="utf-8",
    )
    text = (pack / "profile.toml").read_text(encoding="utf-8")
    text = text.replace('path = "Return/Case"', 'path = "Case"\n[case.header]\n"@lha" = "authority"')
    (pack / "profile.toml").write_text(text, encoding="utf-8")
    assert 'a case only with form = "per-case"' in " ".join(check_pack(str(pack)).refusals)
    (pack / "profile.toml").write_text(text.replace("[case]", '[return]\nform = "per-case"\n[case]', 1))
    con = connect(ONE_DATE.rows())
    profile = load_profile(str(pack))
    files = write_return(con, profile, tmp_path / "out", personal=False, software_version="0.1.0")
    checked = check_return(files, con, profile)
    assert checked.problems == () and checked.counts["case"]["cases"] == {"warehouse": 5, "file": 5}
    roots = [etree.parse(str(path)).getroot() for path in files.by_kind["case"]]
    assert [(root.get("ref"), root.get("lha"), root[0].text) for root in roots] == [
        (ref(number), AUTHORITY, "2025-10-02") for number in range(1, 6)
    ]


def test_personal_data_is_parted_by_case_too_and_stays_private(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(PACKS / "nested", tmp_path / "pack"))
    text = (pack / "profile.toml").read_text(encoding="utf-8")
    (pack / "profile.toml").write_text(text.replace("[case]", '[return]\nform = "batch"\nbatch = 2\n[case]', 1))
    profile = load_profile(str(pack))
    con = connect(together(case_rows(1, people=3), case_rows(2), case_rows(3)))
    files = write_return(con, profile, tmp_path / "out", personal=True, software_version="0.1.0")
    checked = check_return(files, con, profile)
    assert checked.problems == ()
    assert checked.counts["personal"]["rows of people"] == {"warehouse": 7, "file": 7}
    documents = files.by_kind["personal"]
    persons = [len(etree.parse(str(path)).getroot().findall("list/person")) for path in documents]
    assert persons == [3 + 2, 2], "people of one case are never parted"
    assert [path.stat().st_mode & 0o777 for path in documents] == [0o600, 0o600]


def test_a_return_without_cases_has_no_documents_to_part(tmp_path: Path) -> None:
    shape = replace(ONE_DATE, top='[return]\nform = "per-case"\n')
    profile = load_profile(str(shape.write_pack(tmp_path / "pack")))
    con = connect(shape.rows(), selected=[])
    files = write_return(con, profile, tmp_path / "out", personal=False, software_version="0.1.0")
    assert files.by_kind["case"] == () and check_return(files, con, profile).problems == ()


@pytest.mark.parametrize("given", ['form = "daily"', "batch = 0", 'batch = "many"', "batches = 4"])
def test_a_form_that_is_unknown_is_refused(given: str, tmp_path: Path) -> None:
    (told,) = check_pack(str(replace(ONE_DATE, top=f"[return]\n{given}\n").write_pack(tmp_path))).refusals
    assert "[return]" in told
