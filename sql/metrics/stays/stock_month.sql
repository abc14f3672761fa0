-- One row per month of the metric window, dimension and value: stock on its last day, flow and nights of the month.
-- Key: dimension, value, first_day
-- Title: Households in temporary accommodation each month: stock, entries, exits and nights
with months as (
    select
        starts.month_start::date as first_day,
        least(last_day(starts.month_start)::date, metric_window.last_day) as last_day,
    from metric_window
    cross join
        unnest(generate_series(metric_window.first_day, metric_window.last_day, interval 1 month))
            as starts (month_start)
    union all
    -- Everything before the window, as one month that is dropped in the end.
    select
        date '1900-01-01' as first_day,
        first_day - 1 as last_day,
    from metric_window
),

changes as (
    select
        stock_events.dimension,
        stock_events.value,
        case
            when stock_events.day < metric_window.first_day then date '1900-01-01'
            else date_trunc('month', stock_events.day)::date
        end as first_day,
        sum(stock_events.delta) as delta,
        sum(stock_events.delta * (stock_events.day - date '1900-01-01')) as delta_days,
        sum(stock_events.entries) as entries,
        sum(stock_events.exits) as exits,
        sum(stock_events.transfers_in) as transfers_in,
        sum(stock_events.transfers_out) as transfers_out,
    from stock_events
    inner join metric_window on stock_events.day <= metric_window.last_day
    group by all
),

groups as (
    select distinct
        dimension,
        value,
    from changes
),

cumulated as (
    select
        groups.dimension,
        groups.value,
        months.first_day,
        months.last_day,
        coalesce(changes.entries, 0) as entries,
        coalesce(changes.exits, 0) as exits,
        coalesce(changes.transfers_in, 0) as transfers_in,
        coalesce(changes.transfers_out, 0) as transfers_out,
        coalesce(sum(changes.delta) over so_far, 0) as stock,
        coalesce(sum(changes.delta_days) over so_far, 0) as delta_days,
    from groups
    cross join months
    left join changes
        on
            groups.dimension = changes.dimension
            and groups.value = changes.value
            and months.first_day = changes.first_day
    window so_far as (partition by groups.dimension, groups.value order by months.first_day)
),

-- A household that is in temporary accommodation on a day sleeps that night there, so nights are the sum of the daily
-- stock. A change on day d adds delta x (last day - d + 1) to the nights up to the last day, which needs no daily rows.
with_nights as (
    select
        *,
        stock * (last_day - date '1900-01-01' + 1) - delta_days as nights_so_far,
    from cumulated
),

series as (
    select
        dimension,
        value,
        first_day,
        last_day,
        (lag(stock) over in_order)::bigint as opening_stock,
        entries::bigint as entries,
        exits::bigint as exits,
        transfers_in::bigint as transfers_in,
        transfers_out::bigint as transfers_out,
        stock::bigint as stock,
        (nights_so_far - lag(nights_so_far) over in_order)::bigint as nights,
    from with_nights
    window in_order as (partition by dimension, value order by first_day)
    qualify first_day > date '1900-01-01'
)

select * from series
order by dimension, value, first_day
