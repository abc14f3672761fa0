-- Rows of assistance whose case is not in main.
-- Key: case_ref, record_key
select
    assistance.case_ref,
    'support_need=' || assistance.support_need as record_key,
    assistance.case_ref as shown,
from assistance
anti join main on assistance.case_ref = main.case_ref
where assistance.case_ref is not null
