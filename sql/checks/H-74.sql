-- Rows of relief whose case is not in main.
-- Key: case_ref
select
    relief.case_ref,
    null::varchar as record_key,
    relief.case_ref as shown,
from relief
anti join main on relief.case_ref = main.case_ref
where relief.case_ref is not null
