-- Rows of final_duties whose case is not in main.
-- Key: case_ref
select
    final_duties.case_ref,
    null::varchar as record_key,
    final_duties.case_ref as shown,
from final_duties
anti join main on final_duties.case_ref = main.case_ref
where final_duties.case_ref is not null
