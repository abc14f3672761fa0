-- One row per support need of a household, each need once; ``none`` and ``unknown`` stand alone, of the return's cases.
-- Key: case_ref, support_need
select
    support_needs.case_ref,
    support_needs.support_need,
from stg_support_needs as support_needs
semi join selected_cases on support_needs.case_ref = selected_cases.case_ref
order by support_needs.case_ref, support_needs.support_need
