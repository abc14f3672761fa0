-- Rows whose support_need was retired before, or came in after, the day that counts.
-- Key: case_ref, record_key
select
    support_needs.case_ref,
    'support_need=' || support_needs.support_need as record_key,
    support_needs.support_need as shown,
from support_needs
inner join case_facts on support_needs.case_ref = case_facts.case_ref
inner join dated_code on support_needs.support_need = dated_code.code
where
    dated_code.list = 'support_need'
    and (case_facts.assess_date < dated_code.valid_from or case_facts.assess_date > dated_code.valid_to)
