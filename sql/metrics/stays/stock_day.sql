-- One row per day of the metric window, dimension and value: households in temporary accommodation and their flow.
-- Key: dimension, value, day
-- Title: Households in temporary accommodation each day, with those who came and left
with wanted as (
    select stock_events.*
    from stock_events
    inner join metric_window on stock_events.day <= metric_window.last_day
    where stock_events.dimension in ('all', 'type', 'household', 'children', 'type_children')
),

groups as (
    select distinct
        dimension,
        value,
    from wanted
),

days as (
    select unnest(generate_series(first_day, last_day, interval 1 day))::date as day
    from metric_window
),

opening as (
    select
        wanted.dimension,
        wanted.value,
        sum(wanted.delta) as stock,
    from wanted
    inner join metric_window on wanted.day < metric_window.first_day
    group by wanted.dimension, wanted.value
),

filled as (
    select
        groups.dimension,
        groups.value,
        days.day,
        coalesce(opening.stock, 0) as opening_stock,
        coalesce(wanted.delta, 0) as delta,
        coalesce(wanted.entries, 0) as entries,
        coalesce(wanted.exits, 0) as exits,
        coalesce(wanted.transfers_in, 0) as transfers_in,
        coalesce(wanted.transfers_out, 0) as transfers_out,
    from groups
    cross join days
    left join opening on groups.dimension = opening.dimension and groups.value = opening.value
    left join wanted
        on groups.dimension = wanted.dimension and groups.value = wanted.value and days.day = wanted.day
),

series as (
    select
        dimension,
        value,
        day,
        (opening_stock + sum(delta) over (partition by dimension, value order by day))::bigint as stock,
        entries::bigint as entries,
        exits::bigint as exits,
        transfers_in::bigint as transfers_in,
        transfers_out::bigint as transfers_out,
    from filled
)

select * from series
order by dimension, value, day
