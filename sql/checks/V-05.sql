-- Interim placements after the assessment of cases owed prevention that has not failed.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.taduty as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
inner join codelist_taduty on temporary_accommodation.taduty = codelist_taduty.code
where
    codelist_taduty."group" = 'interim'
    and temporary_accommodation.entry_date > cases.assess_date
    and cases.is_prevention_owed
    and cases.prevention_may_go_on_to is null
