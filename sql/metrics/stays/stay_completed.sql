-- One row per period, its kind, dimension and value: length of the stays that ended in it, in days.
-- Key: period, first_day, dimension, value
-- Title: Length of completed stays: mean and median
-- For dimension 'type' a stay in the type ends when the household leaves the type, for another type or altogether.
with ended as (
    select
        dimension,
        value,
        to_date as day,
        to_date - from_date as days,
    from stay_spells
    where dimension in ('type', 'type_children') and to_date is not null
    union all
    select
        stay_spells.dimension,
        stay_spells.value,
        stays.exit_date as day,
        stays.exit_date - stays.entry_date as days,
    from stay_spells
    inner join stays on stay_spells.case_ref = stays.case_ref and stay_spells.stay_no = stays.stay_no
    where stay_spells.dimension in ('all', 'household', 'children') and stay_spells.is_exit
),

in_window as (
    select ended.*
    from ended
    inner join metric_window on ended.day between metric_window.first_day and metric_window.last_day
),

by_period as (
    select
        'month' as period,
        date_trunc('month', day)::date as first_day,
        *,
    from in_window
    union all
    select
        'quarter' as period,
        date_trunc('quarter', day)::date as first_day,
        *,
    from in_window
    union all
    select
        'financial year' as period,
        make_date(year(day - interval 3 month), 4, 1) as first_day,
        *,
    from in_window
),

summed as (
    select
        period,
        first_day,
        dimension,
        value,
        count(*) as count_stays,
        sum(days)::bigint as days,
        avg(days) as mean_days,
        median(days) as median_days,
    from by_period
    group by period, first_day, dimension, value
)

select * from summed
order by period, first_day, dimension, value
