-- Rows whose support_need was retired before, or came in after, the day that counts.
-- Key: case_ref, record_key
select
    assistance.case_ref,
    'support_need=' || assistance.support_need as record_key,
    assistance.support_need as shown,
from assistance
inner join cases on assistance.case_ref = cases.case_ref
inner join codelist_support_need as dated on assistance.support_need = dated.code
where cases.assess_date < dated.valid_from or cases.assess_date > dated.valid_to
