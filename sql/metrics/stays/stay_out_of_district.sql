-- One row per month's last day and receiving district: households placed outside the authority's district that day.
-- Key: first_day, receiving_code
-- Title: Households placed outside the district, by receiving area
-- As in TA9, households that made their own arrangements elsewhere are included, and shown apart.
with months as (
    select
        starts.month_start::date as first_day,
        least(last_day(starts.month_start)::date, metric_window.last_day) as last_day,
    from metric_window
    cross join
        unnest(generate_series(metric_window.first_day, metric_window.last_day, interval 1 month))
            as starts (month_start)
),

placed as (
    select
        months.first_day,
        placements.case_ref,
        placements.is_own_arrangements,
        coalesce(codelist_authority.active_code, placements.ta_la, 'nk') as receiving_code,
        codelist_authority.active_label as receiving_name,
        codelist_authority.region,
    from placements
    inner join months
        on
            placements.entry_date <= months.last_day
            and (placements.exit_date is null or placements.exit_date > months.last_day)
    left join codelist_authority on placements.ta_la = codelist_authority.code
    where placements.is_out_of_district
    qualify
        row_number() over (
            partition by months.first_day, placements.case_ref
            order by placements.is_own_arrangements asc, placements.entry_date desc, placements.placement_no asc
        ) = 1
),

counted as (
    select
        first_day,
        receiving_code,
        any_value(receiving_name) as receiving_name,
        any_value(region) as region,
        count(*) as count_households,
        count(*) filter (where is_own_arrangements) as count_own_arrangements,
    from placed
    group by first_day, receiving_code
)

select * from counted
order by first_day, receiving_code
