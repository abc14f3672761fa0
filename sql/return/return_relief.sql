-- One row per case that was owed a relief duty, of the return's cases.
-- Key: case_ref
select
    relief.case_ref,
    relief.relief_start,
    relief.relief_end,
    relief.relief_outcome,
    relief.relief_activity,
    relief.relief_accom,
    relief.relief_accom_la,
    relief.referred_la,
from relief
order by relief.case_ref
