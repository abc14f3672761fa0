"""The engine: what a return is judged by, and what is said when a rule cannot judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from pipelines import findings as found
from pipelines.period import Quarter
from pipelines.validate import NOT_RUN, Context, Validation, validate
from schemas.rules import RULE, RULES, Known, Rule
from schemas.rules._examples import sections_of

CONTEXT = Context("E06000034", Quarter(2025, 4), date(2026, 1, 15))

GOOD: dict[str, list[dict[str, object]]] = {
    "main": [
        {
            "la_code": "E06000034",
            "application_date": "2025-12-01",
            "assess_date": "2025-12-03",
            "assess1": "relief",
            "referral": "no",
            "eligibility": "uk_roi_hr",
            "nationality": "GB",
            "lastaccom": "family",
            "currentaccom": "rough_sleeping",
            "reasonloss": "family_friends",
            "local_connection": "residence",
            "employment_applicant": "ft",
            "benefits": "uc;hb",
            "php_date": "2025-12-05",
            "officer": "staff-7",
        }
    ],
    "people": [
        {
            "relationship": "main_applicant",
            "date_of_birth": "1990-02-03",
            "sex": "female",
            "gender_identity": "same",
            "ethnicity": "white_irish",
            "sexual_orientation": "heterosexual",
            "forename": "SENTINEL-NAME",
            "nino": "QQ123456A",
        }
    ],
    "support_needs": [{"support_need": "none"}],
    "relief": [{"relief_start": "2025-12-03"}],
}


def judged(**changes: object) -> Validation:
    """A good case with one row of some sections changed."""
    rows = {name: [dict(row) for row in section] for name, section in GOOD.items()}
    for name, change in changes.items():
        rows.setdefault(name, [{}])[0].update(change)  # type: ignore[call-overload]
    return validate(sections_of(rows), CONTEXT)


def rule_ids(result: Validation) -> list[str]:
    return result.findings["rule_id"].to_list()


def a_rule(expression: object, **more: object) -> Rule:
    return replace(RULE["V-01"], rule_id="X-01", expression=expression, **more)  # type: ignore[arg-type]


def test_a_good_case_has_no_finding() -> None:
    assert rule_ids(judged()) == []


def test_every_decidable_rule_and_every_constraint_is_run() -> None:
    result = judged()
    assert result.count("rule", "run") == sum(1 for rule in RULES if rule.decidable)
    assert result.count("rule", "not run") == result.count("model", "not run") == 0
    # 110 fields, each with type and presence; the rest are codes, required fields, keys and the reference's form.
    assert result.count("model", "run") >= 2 * 110


def test_a_finding_names_the_record_and_its_officer() -> None:
    result = judged(people={"age": -1, "date_of_birth": None})
    finding = result.findings.filter(pl.col("rule_id") == "H-32").row(0, named=True)
    assert finding["case_ref"] == "E06000034_000000000001"
    assert finding["record_key"] == "person_no=1"
    assert finding["officer"] == "staff-7"
    assert finding["section"] == "people"
    assert finding["severity"] == found.WARNING


def test_the_value_of_a_personal_field_is_masked() -> None:
    result = judged(people={"nino": "SENTINEL-NINO"})
    finding = result.findings.filter(pl.col("rule_id") == "H-43").row(0, named=True)
    assert finding["value"] == found.MASK
    assert "SENTINEL" not in result.findings.write_csv()


def test_the_value_of_several_fields_says_which_is_which() -> None:
    result = judged(main={"assess_date": "2025-11-30"})
    finding = result.findings.filter(pl.col("rule_id") == "V-01").row(0, named=True)
    assert finding["value"] == "application_date=2025-12-01; assess_date=2025-11-30"


# ---- constraints of the models --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"main": {"application_date": None}}, "M-main-application_date-required"),
        ({"main": {"assess1": "no such code"}}, "M-main-assess1-code"),
        ({"main": {"benefits": "uc;no such code"}}, "M-main-benefits-code"),
        ({"people": {"relationship": None}}, "M-people-relationship-required"),
        ({"main": {"case_ref": "12345"}}, "M-main-case_ref-pattern"),
        ({"main": {"case_ref": "E06000034_0000000000015"}}, "M-main-case_ref-pattern"),
    ],
)
def test_a_known_bad_frame_fails(change: dict[str, object], expected: str) -> None:
    result = judged(**change)
    assert expected in rule_ids(result)
    assert result.findings.filter(pl.col("rule_id") == expected)["severity"].to_list() == [found.ERROR]


def test_a_key_used_twice_is_an_error_on_both_rows() -> None:
    rows = {**GOOD, "people": [GOOD["people"][0], {**GOOD["people"][0], "relationship": "partner", "person_no": 1}]}
    result = validate(sections_of(rows), CONTEXT)
    assert rule_ids(result).count("M-people-case_ref_person_no-key") == 2


def test_a_column_of_the_wrong_type_is_an_error_of_the_return() -> None:
    sections = sections_of(GOOD)
    sections["main"] = sections["main"].with_columns(pl.col("assess_date").cast(pl.String))
    result = validate(sections, CONTEXT)
    finding = result.findings.filter(pl.col("rule_id") == "M-main-assess_date-type").row(0, named=True)
    assert (finding["scope"], finding["severity"]) == (found.RETURN, found.ERROR)


def test_what_pandera_says_of_a_row_does_not_leave_the_adapter() -> None:
    """Failure rows of pandera hold the whole row as JSON, names among it."""
    rows = {**GOOD, "people": [GOOD["people"][0], {**GOOD["people"][0], "person_no": 1}]}
    assert "SENTINEL" not in validate(sections_of(rows), CONTEXT).findings.write_csv()


def test_a_constraint_on_a_local_field_does_not_block() -> None:
    sections = sections_of(GOOD)
    sections["main"] = sections["main"].with_columns(pl.lit("x").alias("closed_date"))
    result = validate(sections, CONTEXT, rules=[])
    severity = result.findings.filter(pl.col("rule_id") == "M-main-closed_date-type")["severity"].to_list()
    assert severity == [found.WARNING]


def test_a_lazy_frame_is_refused() -> None:
    sections: dict[str, object] = dict(sections_of(GOOD))
    sections["main"] = sections_of(GOOD)["main"].lazy()
    with pytest.raises(TypeError, match="LazyFrame"):
        validate(sections, CONTEXT)  # type: ignore[arg-type]


# ---- rules that cannot judge ----------------------------------------------------------------------------------------


def _crash(known: Known) -> pl.Expr:
    raise ValueError("SENTINEL value from the data")


def _unknown_column(known: Known) -> pl.Expr:
    return pl.col("no_such_column") > 1


def _panic(known: Known) -> pl.Expr:
    raise pl.exceptions.PanicException("SENTINEL value from the data")


@pytest.mark.parametrize("expression", [_crash, _unknown_column, _panic])
def test_a_rule_that_stops_is_not_run_and_blocks(expression: object) -> None:
    result = validate(sections_of(GOOD), CONTEXT, rules=[a_rule(expression), RULE["V-01"]])
    assert result.rules.filter(pl.col("rule_id") == "X-01")["status"].to_list() == ["not run"]
    assert result.rules.filter(pl.col("rule_id") == "V-01")["status"].to_list() == ["run"]
    finding = result.findings.filter(pl.col("rule_id") == NOT_RUN).row(0, named=True)
    assert (finding["severity"], finding["scope"]) == (found.ERROR, found.RETURN)
    assert "X-01" in finding["message"]
    assert "SENTINEL" not in finding["message"]


def test_a_household_rule_that_stops_leaves_the_others_running() -> None:
    crashing = a_rule(_unknown_column, kind="household", section="people", fields=("sex",))
    result = validate(sections_of(GOOD), CONTEXT, rules=[crashing, RULE["L-25a"]])
    assert dict(result.rules.filter(pl.col("kind") == "rule").select("rule_id", "status").iter_rows()) == {
        "X-01": "not run",
        "L-25a": "run",
    }


def test_a_check_without_its_file_is_not_run() -> None:
    result = validate(sections_of(GOOD), CONTEXT, rules=[a_rule(None, kind="sql"), RULE["V-08"]])
    assert result.rules.filter(pl.col("rule_id") == "X-01")["status"].to_list() == ["not run"]
    assert result.rules.filter(pl.col("rule_id") == "V-08")["status"].to_list() == ["run"]


def test_a_missing_column_is_named_and_the_rule_not_run() -> None:
    sections = sections_of(GOOD)
    sections["main"] = sections["main"].drop("assess_date")
    result = validate(sections, CONTEXT)
    state = result.rules.filter(pl.col("rule_id") == "V-01").row(0, named=True)
    assert state["status"] == "not run"
    assert "assess_date" in state["reason"]
    assert "M-main-assess_date-present" in rule_ids(result)


def test_a_missing_section_leaves_nothing_passed() -> None:
    sections = sections_of(GOOD)
    del sections["relief"]
    result = validate(sections, CONTEXT)
    of_relief = [rule.rule_id for rule in RULES if rule.section == "relief" and rule.decidable]
    states = result.rules.filter(pl.col("rule_id").is_in(of_relief))["status"].unique().to_list()
    assert states == ["not run"]


def test_a_known_wrong_rule_never_blocks() -> None:
    wrong = replace(RULE["V-01"], status="known-wrong")
    sections = sections_of({"main": [{"application_date": "2025-12-01", "assess_date": "2025-11-30"}]})
    result = validate(sections, CONTEXT, rules=[wrong])
    severities = result.findings.filter(pl.col("rule_id") == "V-01")["severity"].to_list()
    assert severities == [found.WARNING]


@pytest.mark.parametrize(("valid_to", "status"), [(date(2025, 12, 31), "run"), (date(2025, 12, 30), "not in force")])
def test_a_rule_is_judged_only_in_its_dates(valid_to: date, status: str) -> None:
    result = validate(sections_of(GOOD), CONTEXT, rules=[replace(RULE["V-01"], valid_to=valid_to)])
    assert result.rules.filter(pl.col("rule_id") == "V-01")["status"].to_list() == [status]


def test_a_withdrawn_rule_is_listed_and_not_judged() -> None:
    sections = sections_of({"main": [{"application_date": "2025-12-01", "assess_date": "2025-11-30"}]})
    result = validate(sections, CONTEXT, rules=[replace(RULE["V-01"], status="withdrawn")])
    assert result.rules.filter(pl.col("rule_id") == "V-01")["status"].to_list() == ["withdrawn"]
    assert "V-01" not in rule_ids(result)


# ---- same input, same findings --------------------------------------------------------------------------------------


def test_the_order_of_the_rows_changes_no_finding() -> None:
    rows = {name: [dict(row) for row in section] for name, section in GOOD.items()}
    rows["main"] = [
        {**GOOD["main"][0], "case_ref": f"E06000034_{number:012d}", "assess_date": f"2025-11-{number:02d}"}
        for number in range(1, 29)
    ]
    rows["people"] += [{"relationship": "main_applicant"}, {"relationship": "partner", "age": 200}]
    rows["temporary_accommodation"] = [
        {"entry_date": f"2025-11-{number:02d}", "ta_type": "bb", "taduty": "s193_2"} for number in range(1, 9)
    ]
    sections = sections_of(rows)
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=7) for name, frame in sections.items()}
    first, second = validate(sections, CONTEXT), validate(shuffled, CONTEXT)
    assert first.findings.height > 50
    assert first.findings.write_csv() == second.findings.write_csv()
    assert first.rules.equals(second.rules)


def test_a_case_twice_in_a_section_is_judged_once_by_its_first_row() -> None:
    rows = {**GOOD, "relief": [{"relief_start": "2025-12-03"}, {"relief_start": "2025-11-01"}]}
    sections = sections_of(rows)
    turned = {**sections, "relief": sections["relief"].reverse()}
    first, second = validate(sections, CONTEXT), validate(turned, CONTEXT)
    assert rule_ids(first).count("L-01h") == 1
    assert first.findings.write_csv() == second.findings.write_csv()


def test_columns_that_are_not_of_the_section_are_ignored() -> None:
    sections = {
        name: frame.with_columns(pl.lit("export.csv").alias("_file"), pl.lit(2).alias("_row"))
        for name, frame in sections_of(GOOD).items()
    }
    assert rule_ids(validate(sections, CONTEXT)) == []
