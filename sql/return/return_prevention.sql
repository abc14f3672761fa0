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
from prevention
order by prevention.case_ref
