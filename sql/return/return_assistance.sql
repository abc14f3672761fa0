-- One row per support need of a closed case: what was done about it, of the return's cases.
-- Key: case_ref, support_need
select
    assistance.case_ref,
    assistance.support_need,
    assistance.assistance,
from stg_assistance as assistance
semi join selected_cases on assistance.case_ref = selected_cases.case_ref
order by assistance.case_ref, assistance.support_need
