-- One row per household owed a prevention or relief duty at an initial assessment in the quarter.
-- Key: case_ref
with owed as (
    select
        base_assessed.*,
        case
            when losses.in_a2_by_tenancy_end is not null
                then base_assessed.reasonloss || '.' || coalesce(base_assessed.reason_tenancy_end, 'other_nk')
            else coalesce(base_assessed.reasonloss, 'nk')
        end as reason,
        age_band(base_assessed.age_at_assessment) as age_band
    from base_assessed
    left join codelist_reasonloss as losses on base_assessed.reasonloss = losses.code
    where base_assessed.duty_at_assessment is not null
)

select * from owed
