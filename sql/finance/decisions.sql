-- One row per case with a decision on the main duty.
-- Key: case_key
-- Columns:
--   case_key: pseudonym of the case
--   decision_date: day of the decision
--   decision: the decision (code list main_decision)
--   decision_label: the same in words
select
    mart_case.case_key,
    decisions.decision_date,
    decisions.decision,
    codelist_main_decision.label as decision_label,
from decisions
inner join mart_case on decisions.case_ref = mart_case.case_ref
left join codelist_main_decision on decisions.decision = codelist_main_decision.code
order by mart_case.case_key
