-- One row per interval, kind of period and period in which it ended: how many days it took.
-- Key: interval, period, first_day
-- Title: Days from application to assessment, to plan, in each duty and to the main duty decision
-- Intervals that end before they begin are counted apart and not averaged.
with ended as (
    select
        case_intervals.interval,
        case_intervals.days,
        unnest(['quarter', 'financial year']) as period,
        unnest([
            date_trunc('quarter', case_intervals.to_date)::date,
            (date_trunc('year', case_intervals.to_date - interval 3 month) + interval 3 month)::date
        ]) as first_day,
    from case_intervals
    inner join metric_window
        on case_intervals.to_date between metric_window.first_day and metric_window.last_day
),

summed as (
    select
        interval,
        period,
        first_day,
        count(*) filter (where days >= 0) as count_cases,
        round(avg(days) filter (where days >= 0), 1) as mean_days,
        quantile_cont(days, 0.25) filter (where days >= 0) as lower_quartile_days,
        median(days) filter (where days >= 0) as median_days,
        quantile_cont(days, 0.75) filter (where days >= 0) as upper_quartile_days,
        max(days) filter (where days >= 0) as longest_days,
        count(*) filter (where days < 0) as count_out_of_order,
    from ended
    group by interval, period, first_day
)

select * from summed
order by interval, period, first_day
