-- Main applicants of 16 or 17 in bed and breakfast on the last day.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.ta_type as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
cross join period
where
    temporary_accommodation.entry_date <= period.last_day
    and coalesce(temporary_accommodation.exit_date > period.last_day, true)
    and temporary_accommodation.ta_type = 'bb'
    and case_facts.applicant_age_at_last_day between 16 and 17
