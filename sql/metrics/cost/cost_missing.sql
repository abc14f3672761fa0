-- One row per thing that is missing, type and LHA area: the nights whose cost cannot be worked out for want of it.
-- Key: missing, ta_type, lha_area
-- Title: What is missing for the cost figures
with summed as (
    select
        missing,
        ta_type,
        coalesce(lha_area, 'not recorded') as lha_area,
        sum(nights)::bigint as nights,
        count(distinct row(case_ref, placement_no)) as count_placements,
        min(from_date) as first_night,
        max(to_date) - 1 as last_night,
    from cost_charges
    where missing is not null
    group by all
)

select * from summed
order by missing, ta_type, lha_area
