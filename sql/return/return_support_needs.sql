-- One row per support need of a household, each need once; ``none`` and ``unknown`` stand alone, of the return's cases.
-- Key: case_ref, support_need
select
    support_needs.case_ref,
    support_needs.support_need,
from support_needs
order by support_needs.case_ref, support_needs.support_need
