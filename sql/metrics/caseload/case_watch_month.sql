-- One row per month of the metric window: open cases on its last day that wait for a main duty decision.
-- Key: first_day
-- Title: Cases waiting for a main duty decision at each month's end
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

counted as (
    select
        months.first_day,
        months.last_day,
        (
            select count(distinct waiting.case_ref)
            from waiting
            where waiting.from_date <= months.last_day and waiting.to_date > months.last_day
        ) as relief_past_56_days,
        (
            select count(distinct in_ta_undecided.case_ref)
            from in_ta_undecided
            where in_ta_undecided.from_date <= months.last_day and in_ta_undecided.to_date > months.last_day
        ) as in_ta_without_decision,
    from months
)

select * from counted
order by first_day
