-- One row per case: what every worklist shows of it.
-- Key: case_ref
select
    one_main.case_ref,
    one_main.local_ref as your_reference,
    one_main.officer,
    one_main.team
from one_main
