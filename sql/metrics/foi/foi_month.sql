-- One row per item of the standard freedom of information answer and month; an empty value is not known.
-- Key: item_no, first_day
-- Title: The standard freedom of information answer, month by month
with months as (
    select first_day
    from stock_month
    group by first_day
    union
    select starts.month_start::date as first_day
    from metric_window
    cross join unnest(
        generate_series(metric_window.first_day, metric_window.last_day, interval 1 month)
    ) as starts (month_start)
),

own_region as (
    select codelist_authority.region_code
    from reporting_period
    left join codelist_authority on reporting_period.la_code = codelist_authority.code
),

-- Events of the month.
dated as (
    select
        1 as item_no,
        application_date as day,
    from households
    union all
    select
        case duty when 'prevention' then 2 when 'relief' then 3 else 4 end as item_no,
        start_date as day,
    from duties
    union all
    select
        7 as item_no,
        end_date as day,
    from duties
    where duty = 'main'
),

events as (
    select
        item_no,
        date_trunc('month', day)::date as first_day,
        count(*)::decimal(18, 2) as value,
    from dated
    where day is not null
    group by all
),

-- Households in temporary accommodation, their flow and nights.
stock as (
    select
        unnest([5, 6, 8, 24]) as item_no,
        first_day,
        unnest([entries, exits, stock, nights])::decimal(18, 2) as value,
    from stock_month
    where dimension = 'all'
    union all
    select
        9 as item_no,
        first_day,
        stock::decimal(18, 2) as value,
    from stock_month
    where dimension = 'children' and value = 'children'
    union all
    select
        10 as item_no,
        first_day,
        sum(stock)::decimal(18, 2) as value,
    from stock_month
    where dimension = 'household' and value in ('single_adult_male', 'single_adult_female', 'single_adult_other')
    group by first_day
    union all
    select
        11 as item_no,
        first_day,
        stock::decimal(18, 2) as value,
    from stock_month
    where dimension = 'type' and value = 'nightly'
    union all
    select
        15 as item_no,
        first_day,
        stock::decimal(18, 2) as value,
    from stock_month
    where dimension = 'out_of_district' and value = 'out of district'
),

bed_and_breakfast as (
    select
        unnest([12, 13, 14]) as item_no,
        first_day,
        unnest([count_households, count_over_42, count_families_over_42])::decimal(18, 2) as value,
    from stay_bb_month
),

outside_region as (
    select
        16 as item_no,
        stay_out_of_district.first_day,
        sum(stay_out_of_district.count_households - stay_out_of_district.count_own_arrangements)::decimal(18, 2)
            as value,
    from stay_out_of_district
    left join codelist_authority on stay_out_of_district.receiving_code = codelist_authority.code
    cross join own_region
    where codelist_authority.region_code is distinct from own_region.region_code
    group by stay_out_of_district.first_day
),

children as (
    select
        case age_band
            when '0 to 4' then 18
            when '5 to 11' then 19
            when '12 to 15' then 20
            when '16 to 17' then 21
            when '18 and over' then 22
            else 23
        end as item_no,
        first_day,
        count_children::decimal(18, 2) as value,
    from stock_children_month
    union all
    select
        17 as item_no,
        first_day,
        sum(count_children)::decimal(18, 2) as value,
    from stock_children_month
    group by first_day
),

counted as (
    select * from events
    union all
    select * from stock
    union all
    select * from bed_and_breakfast
    union all
    select * from outside_region
    union all
    select * from children
),

money as (
    select
        unnest([25, 26]) as item_no,
        first_day,
        unnest([gross, net])::decimal(18, 2) as value,
        nights_without_rate + nights_without_recoverable as nights_missing,
    from cost_type_month
    where ta_type = 'all'
),

-- A count that no row gives is a true 0; an amount is 0 only in a month without a night.
answered as (
    select
        foi_items.item_no,
        months.first_day,
        case
            when foi_items.unit = '£' and money.first_day is not null then money.value
            else coalesce(counted.value, 0)
        end as value,
    from foi_items
    cross join months
    left join counted on foi_items.item_no = counted.item_no and months.first_day = counted.first_day
    left join money on foi_items.item_no = money.item_no and months.first_day = money.first_day
)

select * from answered
order by item_no, first_day
