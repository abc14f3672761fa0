-- Support needs of closed cases without assistance.
-- Key: case_ref, record_key
select
    support_needs.case_ref,
    'support_need=' || support_needs.support_need as record_key,
    support_needs.support_need as shown,
from support_needs
inner join case_facts on support_needs.case_ref = case_facts.case_ref
cross join period
anti join assistance
    on support_needs.case_ref = assistance.case_ref and support_needs.support_need = assistance.support_need
where
    case_facts.case_closed_date <= period.last_day
    and support_needs.support_need not in ('none', 'unknown')
