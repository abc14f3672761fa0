-- One row per household owed a prevention or relief duty at an initial assessment in the quarter.
-- Key: case_ref
with owed as (
    select
        base_assessed.*,
        case
            when base_assessed.reasonloss in ('prs_ast', 'srs', 'supported')
                then base_assessed.reasonloss || '.' || coalesce(base_assessed.reason_tenancy_end, 'other_nk')
            else coalesce(base_assessed.reasonloss, 'nk')
        end as reason,
        case
            when base_assessed.age_at_assessment >= 75 then '75_plus'
            when base_assessed.age_at_assessment >= 65 then '65_74'
            when base_assessed.age_at_assessment >= 55 then '55_64'
            when base_assessed.age_at_assessment >= 45 then '45_54'
            when base_assessed.age_at_assessment >= 35 then '35_44'
            when base_assessed.age_at_assessment >= 25 then '25_34'
            when base_assessed.age_at_assessment >= 18 then '18_24'
            when base_assessed.age_at_assessment >= 16 then '16_17'
            else 'nk'
        end as age_band
    from base_assessed
    where base_assessed.duty_at_assessment is not null
)

select * from owed
