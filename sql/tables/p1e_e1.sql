-- One row per cell and household behind it.
-- Key: cell, reference
-- Ineligible households are kept apart: they are no decision in the sense of the form. Most are found not eligible
-- at the assessment, some at the later decision; one found so at both counts once.
with found as (
    select
        case_ref,
        decision
    from base_decided
    where is_in_p1e
    union distinct
    select
        households.case_ref,
        'not_eligible'
    from households
    cross join reporting_period
    inner join codelist_assess1 as assessed on households.assess1 = assessed.code
    where
        assessed.is_ineligible is not null
        and households.assess_date between reporting_period.first_day and reporting_period.last_day
),

decisions_in_form as (
    select
        found.case_ref,
        found.decision,
        coalesce(ethnicities.p1e_group, 'nk') as ethnic_group,
        case
            when households.age_at_assessment >= 75 then '75_plus'
            when households.age_at_assessment >= 65 then '65_74'
            when households.age_at_assessment >= 60 then '60_64'
            when households.age_at_assessment >= 45 then '45_59'
            when households.age_at_assessment >= 25 then '25_44'
            when households.age_at_assessment >= 16 then '16_24'
            else 'nk'
        end as age_band
    from found
    left join households on found.case_ref = households.case_ref
    left join codelist_ethnicity as ethnicities on households.ethnicity = ethnicities.code
),

final as (
    select
        decision || '.' || ethnic_group as cell,
        case_ref as reference
    from decisions_in_form
    union all
    select
        'age.' || age_band,
        case_ref
    from decisions_in_form
    where decision = 'accepted'
)

select * from final
