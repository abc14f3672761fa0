-- One row per case known by the masking day.
-- Key: case_ref
with rows_of_run as (
    select snapshot_main.*, reporting_period.mask_after
    from snapshot_main
    inner join reporting_period on snapshot_main.run_id = reporting_period.run_id
),

-- A case applied for later is not known yet, unless something of it is dated earlier (a placement loaded without its history).
cases_with_an_earlier_date as (
    select temporary_accommodation.case_ref
    from snapshot_temporary_accommodation as temporary_accommodation
    inner join reporting_period on temporary_accommodation.run_id = reporting_period.run_id
    where temporary_accommodation.entry_date <= reporting_period.mask_after
    union
    select rows_of_run.case_ref
    from rows_of_run
    where rows_of_run.assess_date <= rows_of_run.mask_after
),

known_cases as (
    select rows_of_run.*
    from rows_of_run
    left join cases_with_an_earlier_date on rows_of_run.case_ref = cases_with_an_earlier_date.case_ref
    where rows_of_run.application_date <= rows_of_run.mask_after
        or rows_of_run.application_date is null
        or cases_with_an_earlier_date.case_ref is not null
),

masked as (
    select
        la_code,
        case_ref,
        if(application_date > mask_after, null, application_date) as application_date,
        if(assess_date > mask_after, null, assess_date) as assess_date,
        if(assess_date > mask_after, null, assess1) as assess1,
        referral,
        referral_body,
        eligibility,
        nationality,
        lastaccom,
        currentaccom,
        reasonloss,
        reason_tenancy_end,
        local_connection,
        employment_applicant,
        employment_partner,
        benefits,
        if(php_date > mask_after, null, php_date) as php_date,
        local_ref,
        officer,
        team,
        previous_officer,
        if(officer_since > mask_after, null, officer_since) as officer_since,
        if(first_contact_date > mask_after, null, first_contact_date) as first_contact_date,
        if(last_activity_date > mask_after, null, last_activity_date) as last_activity_date,
        if(recorded_date > mask_after, null, recorded_date) as recorded_date,
        if(assess_notified_date > mask_after, null, assess_notified_date) as assess_notified_date,
        if(closed_date > mask_after, null, closed_date) as closed_date,
        advice_only,
        legacy,
    from known_cases
)

select * from masked
