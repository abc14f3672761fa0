-- Support needs of closed cases without assistance.
-- Key: case_ref, record_key
select
    support_needs.case_ref,
    'support_need=' || support_needs.support_need as record_key,
    support_needs.support_need as shown,
from support_needs
inner join cases on support_needs.case_ref = cases.case_ref
cross join reporting_period
inner join codelist_support_need as codes on support_needs.support_need = codes.code
anti join assistance
    on support_needs.case_ref = assistance.case_ref and support_needs.support_need = assistance.support_need
where
    cases.case_closed_date <= reporting_period.last_day
    and codes.is_need is not null
