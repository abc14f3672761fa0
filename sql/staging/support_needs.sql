-- One row per support need of a household.
-- Key: case_ref, support_need
select
    support_needs.case_ref,
    support_needs.support_need
from support_needs
semi join quarter_end.main as known on support_needs.case_ref = known.case_ref
