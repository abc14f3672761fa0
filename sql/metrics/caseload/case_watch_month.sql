-- One row per month of the metric window: open cases on its last day past day 56 of relief, or in TA, and undecided.
-- Key: first_day
-- Title: Past day 56 of relief, or in temporary accommodation, without a main duty decision at each month's end
with months as (
    select
        starts.month_start::date as first_day,
        least(last_day(starts.month_start)::date, metric_window.last_day) as last_day,
    from metric_window
    cross join
        unnest(generate_series(metric_window.first_day, metric_window.last_day, interval 1 month))
            as starts (month_start)
),

-- A case waits from day 57 of relief, or from the day it came to the stage, until the stage ends.
waiting as (
    select
        case_spells.case_ref,
        greatest(case_spells.from_date, duties.start_date + 56) as from_date,
        coalesce(case_spells.to_date, date '9999-12-31') as to_date,
    from case_spells
    inner join duties on case_spells.case_ref = duties.case_ref and duties.duty = 'relief'
    where case_spells.stage in ('relief', 'decision')
),

in_ta_undecided as (
    select
        stays.case_ref,
        stays.entry_date as from_date,
        least(
            coalesce(stays.exit_date, date '9999-12-31'),
            coalesce(decisions.decision_date, date '9999-12-31')
        ) as to_date,
    from stays
    left join decisions on stays.case_ref = decisions.case_ref
),

-- A case waits in one stage at a time and is in one stay at a time, so that who came less who went is who is there.
changes as (
    select
        from_date as day,
        1 as relief_past_56_days,
        0 as in_ta_without_decision,
    from waiting
    where from_date < to_date
    union all
    select
        to_date,
        -1,
        0
    from waiting
    where from_date < to_date
    union all
    select
        from_date,
        0,
        1
    from in_ta_undecided
    where from_date < to_date
    union all
    select
        to_date,
        0,
        -1
    from in_ta_undecided
    where from_date < to_date
),

by_day as (
    select
        day,
        sum(relief_past_56_days) as relief_past_56_days,
        sum(in_ta_without_decision) as in_ta_without_decision,
    from changes
    group by day
),

counted as (
    select
        months.first_day,
        months.last_day,
        coalesce(sum(by_day.relief_past_56_days), 0)::bigint as relief_past_56_days,
        coalesce(sum(by_day.in_ta_without_decision), 0)::bigint as in_ta_without_decision,
    from months
    left join by_day on months.last_day >= by_day.day
    group by months.first_day, months.last_day
)

select * from counted
order by first_day
