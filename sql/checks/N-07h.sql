-- Rows whose support_need was retired before, or came in after, the day that counts.
-- Key: case_ref, record_key
select
    support_needs.case_ref,
    'support_need=' || support_needs.support_need as record_key,
    support_needs.support_need as shown,
from support_needs
inner join cases on support_needs.case_ref = cases.case_ref
inner join codelist_support_need as dated on support_needs.support_need = dated.code
where cases.assess_date < dated.valid_from or cases.assess_date > dated.valid_to
