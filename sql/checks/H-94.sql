-- Assistance with a need that is not among the support needs of the case.
-- Key: case_ref, record_key
select
    assistance.case_ref,
    'support_need=' || assistance.support_need as record_key,
    assistance.support_need as shown,
from assistance
inner join case_facts on assistance.case_ref = case_facts.case_ref
anti join support_needs
    on assistance.case_ref = support_needs.case_ref and assistance.support_need = support_needs.support_need
where assistance.support_need not in ('none', 'unknown')
