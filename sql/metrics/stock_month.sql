-- One row per month of the metric window, dimension and value: stock on the last day, flow and nights of the month.
-- Key: dimension, value, first_day
-- Title: Households in temporary accommodation each month: stock, entries, exits and nights
with months as (
    select
        month_start::date as first_day,
        least(last_day(month_start)::date, metric_window.last_day) as last_day,
    from metric_window,
        unnest(generate_series(date_trunc('month', metric_window.first_day), metric_window.last_day, interval 1 month))
            as starts (month_start)
),

-- A household in temporary accommodation on a day sleeps that night there, so nights are the sum of the daily stock:
-- each change on day d adds delta x (last day - d + 1) to the nights up to the last day.
monthly_events as (
    select
        stock_events.dimension,
        stock_events.value,
        greatest(date_trunc('month', stock_events.day)::date, window_months.opening) as first_day,
        stock_events.day < metric_window.first_day as is_before,
        stock_events.delta,
        stock_events.delta * (stock_events.day - date '1900-01-01') as delta_days,
        stock_events.entries,
        stock_events.exits,
        stock_events.transfers_in,
        stock_events.transfers_out,
    from stock_events
    cross join metric_window
    cross join (select min(first_day) as opening from months) as window_months
    where stock_events.day <= metric_window.last_day
),

changes as (
    select
        dimension,
        value,
        first_day,
        sum(delta) as delta,
        sum(delta_days) as delta_days,
        coalesce(sum(entries) filter (where not is_before), 0) as entries,
        coalesce(sum(exits) filter (where not is_before), 0) as exits,
        coalesce(sum(transfers_in) filter (where not is_before), 0) as transfers_in,
        coalesce(sum(transfers_out) filter (where not is_before), 0) as transfers_out,
    from monthly_events
    group by dimension, value, first_day
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
        coalesce(sum(changes.delta_days) over so_far, 0) as stock_days,
    from groups
    cross join months
    left join changes
        on
            groups.dimension = changes.dimension
            and groups.value = changes.value
            and months.first_day = changes.first_day
    window so_far as (partition by groups.dimension, groups.value order by months.first_day)
),

series as (
    select * from cumulated
)

select * from series
