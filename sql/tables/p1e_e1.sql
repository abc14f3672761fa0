-- One row per cell and household behind it.
-- Key: cell, reference
-- Ineligible households are kept apart: they are no decision in the sense of the form.
with decisions_in_form as (
    select
        base_decided.case_ref,
        base_decided.decision,
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
    from base_decided
    left join households on base_decided.case_ref = households.case_ref
    left join codelist_ethnicity as ethnicities on households.ethnicity = ethnicities.code
    where base_decided.is_in_p1e
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
