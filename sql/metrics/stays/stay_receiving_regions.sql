-- One row per month's last day and region ('all' is the total): households placed outside the authority's district.
-- Key: first_day, region
-- Title: Households placed outside the district, by receiving region
-- Own arrangements are included, as in TA9. What lies outside England, or is not known, is a region of its own.
with by_region as (
    select
        stay_out_of_district.first_day,
        stay_out_of_district.count_households,
        coalesce(codelist_authority.region, codelist_authority.country, 'Not known') as region,
    from stay_out_of_district
    left join codelist_authority on stay_out_of_district.receiving_code = codelist_authority.code
),

counted as (
    select
        first_day,
        coalesce(region, 'all') as region,
        sum(count_households)::bigint as count_households,
    from by_region
    group by grouping sets ((first_day), (first_day, region))
)

select * from counted
order by first_day, region
