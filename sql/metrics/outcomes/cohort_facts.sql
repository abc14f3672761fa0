-- One row per case, field and code: what a cohort can be chosen by.
-- Key: case_ref, field, code
with facts as (
    unpivot (
        select
            case_ref,
            referral,
            referral_body,
            reasonloss,
            reason_tenancy_end,
            currentaccom,
            lastaccom,
            assess1,
            eligibility,
            local_connection,
            household_type,
            sex,
            gender_identity,
            ethnicity,
            sexual_orientation,
            officer,
            team,
            stage,
            cast(age_at_assessment as varchar) as age,
        from households
    )
    on columns(* exclude (case_ref))
    into
    name field
    value code
),

with_needs as (
    select
        case_ref,
        field,
        code,
    from facts
    union all
    select distinct
        case_ref,
        'support_need' as field,
        support_need as code,
    from support_needs
    union all
    select
        case_ref,
        'pneed' as field,
        pneed as code,
    from decisions
    where pneed is not null
    union all
    select
        case_ref,
        'household' as field,
        'with_children' as code,
    from households
    where has_dependent_children
    union all
    select
        case_ref,
        'household' as field,
        'pregnant' as code,
    from households
    where has_pregnant_member
)

select * from with_needs
