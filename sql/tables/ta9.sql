-- One row per cell and household behind it.
-- Key: cell, reference
with sent as (
    select
        'sent.' || base_in_ta.out_region_code as cell,
        base_in_ta.case_ref as reference
    from base_in_ta
    where base_in_ta.is_out_of_district
),

sent_within_region as (
    select
        'own_region' as cell,
        base_in_ta.case_ref as reference
    from base_in_ta
    cross join reporting_period
    inner join codelist_authority on reporting_period.la_code = codelist_authority.code
    where base_in_ta.out_region_code = codelist_authority.region_code
),

final as (
    select * from sent
    union all
    select * from sent_within_region
    union all
    select 'in_ta', case_ref from base_in_ta where not is_own_arrangements
)

select * from final
