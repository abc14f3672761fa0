"""What the check sees when the file on disk is not what the warehouse holds, or not what the XSD allows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from pipelines.emit.returns import ReturnFiles, check_return, load_profile, write_return
from pipelines.emit.returns.problems import Problem
from tests.returns.cases import case_rows, connect, ref, together

PROVISIONAL = load_profile("provisional")
ROWS = together(case_rows(1), case_rows(2, placements=2), case_rows(3))

Spoil = Callable[[etree._Element], None]


def _check_after(spoil: Spoil, out: Path) -> list[Problem]:
    con = connect(ROWS)
    files = write_return(con, PROVISIONAL, out, personal=True, software_version="0.1.0")
    tree = etree.parse(str(files.case))
    spoil(tree.getroot())
    tree.write(str(files.case))
    return list(check_return(files, con, PROVISIONAL).problems)


def _case(root: etree._Element, number: int) -> etree._Element:
    return next(e for e in root.iter("CASE") if e.findtext("MAIN/CASE_REF") == ref(number))


def _drop_case(root: etree._Element) -> None:
    case = _case(root, 2)
    case.getparent().remove(case)  # type: ignore[union-attr]


def _repeat_case(root: etree._Element) -> None:
    case = _case(root, 2)
    case.addnext(etree.fromstring(etree.tostring(case)))


def _change_outcome(root: etree._Element) -> None:
    _set(_case(root, 1), "PREVENTION/PREVENTION_OUTCOME", "secured_existing")


def _swap_outcomes(root: etree._Element) -> None:
    # Case 1 has its relief duty ended, case 2 has not: the totals stay as they are.
    one, two = _case(root, 1).find("RELIEF"), _case(root, 2).find("RELIEF")
    assert one is not None and two is not None
    two.extend([one.find("RELIEF_END"), one.find("RELIEF_OUTCOME")])  # type: ignore[list-item]


def _drop_person(root: etree._Element) -> None:
    _case(root, 3).remove(_case(root, 3).findall("PERSON")[1])


def _move_placement(root: etree._Element) -> None:
    placement = _case(root, 2).findall("PLACEMENT")[1]
    _case(root, 1).find("PLACEMENT").addnext(placement)  # type: ignore[union-attr]


def _lose_a_date(root: etree._Element) -> None:
    main = _case(root, 1).find("MAIN")
    assert main is not None
    main.remove(main.find("PHP_DATE"))  # type: ignore[arg-type]


def _other_reference(root: etree._Element) -> None:
    _set(_case(root, 3), "MAIN/CASE_REF", ref(77))


def _set(case: etree._Element, path: str, text: str) -> None:
    found = case.find(path)
    assert found is not None
    found.text = text


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_drop_case, "1 selected cases are not in the file"),
        (_drop_case, "rows of main: 2 in the file, 3 in the warehouse"),
        (_drop_case, "rows of temporary_accommodation: 2 in the file, 4 in the warehouse"),
        (_repeat_case, "1 cases are in the file more than once"),
        (_change_outcome, "prevention by prevention_outcome: homeless: 2 in the file, 3 in the warehouse"),
        (_change_outcome, "prevention by prevention_outcome: secured_existing: 1 in the file, 0 in the warehouse"),
        (_swap_outcomes, "relief by relief_outcome: secured: 2 in the file, 2 in the warehouse"),
        (_drop_person, "rows of people: 5 in the file, 6 in the warehouse"),
        (_move_placement, "rows of temporary_accommodation: 4 in the file, 4 in the warehouse"),
        (_lose_a_date, "values of main.php_date: 2 in the file, 3 in the warehouse"),
        (_other_reference, "1 cases in the file are not selected"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else None,
)
def test_the_recount_sees_a_file_that_was_changed(spoil: Spoil, told: str, tmp_path: Path) -> None:
    problems = _check_after(spoil, tmp_path)
    assert any(told in str(p) and p.kind == "recount" for p in problems), [str(p) for p in problems]


def test_the_recount_names_the_case_that_differs(tmp_path: Path) -> None:
    told = [str(p) for p in _check_after(_change_outcome, tmp_path)]
    assert told and all(ref(1) in text and ref(2) not in text for text in told)


def test_the_personal_file_is_recounted_too(tmp_path: Path) -> None:
    con = connect(ROWS)
    files = write_return(con, PROVISIONAL, tmp_path, personal=True, software_version="0.1.0")
    assert files.personal is not None
    tree = etree.parse(str(files.personal))
    person = tree.find("PERSONS/PERSON")
    person.getparent().remove(person)  # type: ignore[arg-type, union-attr]
    tree.write(str(files.personal))
    told = [str(p) for p in check_return(files, con, PROVISIONAL).problems]
    assert any("Read back from the personal file, rows of people: 5 in the file, 6 in the warehouse" in t for t in told)


def _wrong_code(root: etree._Element) -> None:
    _set(_case(root, 2), "MAIN/ASSESS1", "PRIVATE VALUE")


def _wrong_date(root: etree._Element) -> None:
    _set(_case(root, 2), "PREVENTION/PREVENTION_START", "PRIVATE VALUE")


def _wrong_order(root: etree._Element) -> None:
    main = _case(root, 2).find("MAIN")
    assert main is not None
    main.append(main[0])


@pytest.mark.parametrize(
    ("spoil", "element"),
    [
        (_wrong_code, "MAIN/ASSESS1"),
        (_wrong_date, "PREVENTION/PREVENTION_START"),
        (_wrong_order, "MAIN/LA_CODE"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else None,
)
def test_an_error_of_the_xsd_names_case_and_element_and_no_value(spoil: Spoil, element: str, tmp_path: Path) -> None:
    problems = [p for p in _check_after(spoil, tmp_path) if p.kind == "schema"]
    assert (ref(2), element) in [(p.case_ref, p.element) for p in problems]
    assert all(p.case_ref == ref(2) for p in problems)
    assert "PRIVATE" not in "".join(map(str, problems))


def test_a_cut_off_file_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    con = connect(ROWS)
    files: ReturnFiles = write_return(con, PROVISIONAL, tmp_path, personal=False, software_version="0.1.0")
    whole = files.case.read_bytes()
    files.case.write_bytes(whole[: len(whole) // 2])
    problems = check_return(files, con, PROVISIONAL).problems
    assert any(p.kind == "schema" and "not well-formed" in str(p) for p in problems)


def test_a_row_without_a_mandatory_value_is_reported_and_not_made_up(tmp_path: Path) -> None:
    rows = case_rows(1)
    rows["main"][0]["application_date"] = None
    con = connect(rows)
    files = write_return(con, PROVISIONAL, tmp_path, personal=False, software_version="0.1.0")
    told = [(p.kind, p.case_ref) for p in check_return(files, con, PROVISIONAL).problems]
    assert told == [("schema", ref(1))]
