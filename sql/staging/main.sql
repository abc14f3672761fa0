-- One row per case known by the masking day.
-- Key: case_ref
with late_cases as (
    select
        main.case_ref,
        reporting_period.mask_after
    from main
    cross join reporting_period
    where
        main.application_date > reporting_period.mask_after
        and coalesce(main.assess_date > reporting_period.mask_after, true)
),

-- A case applied for later is not known yet, unless a placement is dated earlier (loaded without its history).
cases_not_known_yet as (
    select late_cases.case_ref
    from late_cases
    anti join temporary_accommodation
        on
            late_cases.case_ref = temporary_accommodation.case_ref
            and late_cases.mask_after >= temporary_accommodation.entry_date
),

masked as (
    select
        main.la_code,
        main.case_ref,
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
        legacy
    from main
    cross join reporting_period
    anti join cases_not_known_yet on main.case_ref = cases_not_known_yet.case_ref
)

select * from masked
