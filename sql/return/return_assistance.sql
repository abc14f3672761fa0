-- One row per support need of a closed case: what was done about it, of the return's cases.
-- Key: case_ref, support_need
select
    assistance.case_ref,
    assistance.support_need,
    assistance.assistance,
from assistance
order by assistance.case_ref, assistance.support_need
