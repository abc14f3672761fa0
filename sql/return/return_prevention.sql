-- One row per case that was owed a prevention duty, of the return's cases.
-- Key: case_ref
select
    prevention.case_ref,
    prevention.prevention_start,
    prevention.prevention_end,
    prevention.prevention_outcome,
    prevention.prevention_activity,
    prevention.accom_pr,
    prevention.prevention_accom_la,
from stg_prevention as prevention
semi join selected_cases on prevention.case_ref = selected_cases.case_ref
order by prevention.case_ref
