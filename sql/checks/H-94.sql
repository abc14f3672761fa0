-- Assistance with a need that is not among the support needs of the case.
-- Key: case_ref, record_key
select
    assistance.case_ref,
    'support_need=' || assistance.support_need as record_key,
    assistance.support_need as shown,
from assistance
inner join cases on assistance.case_ref = cases.case_ref
inner join codelist_support_need as codes on assistance.support_need = codes.code
anti join support_needs
    on assistance.case_ref = support_needs.case_ref and assistance.support_need = support_needs.support_need
where codes.is_need is not null
