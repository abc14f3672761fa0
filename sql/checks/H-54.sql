-- Rows of support_needs whose case is not in main.
-- Key: case_ref, record_key
select
    support_needs.case_ref,
    'support_need=' || support_needs.support_need as record_key,
    support_needs.case_ref as shown,
from support_needs
anti join main on support_needs.case_ref = main.case_ref
where support_needs.case_ref is not null
