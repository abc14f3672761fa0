-- Rows of prevention whose case is not in main.
-- Key: case_ref
select
    prevention.case_ref,
    null::varchar as record_key,
    prevention.case_ref as shown,
from prevention
anti join main on prevention.case_ref = main.case_ref
where prevention.case_ref is not null
