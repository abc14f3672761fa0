-- One row per quarter of decision: main duty decisions by the day of the relief duty on which they were made.
-- Key: first_day
-- Title: Main duty decisions against day 57
-- Day 1 is the day on which the relief duty started, so day 57 is 56 days later.
with decided as (
    select
        date_trunc('quarter', decisions.decision_date)::date as first_day,
        decisions.decision_date - duties.start_date + 1 as day_no,
    from decisions
    inner join metric_window
        on decisions.decision_date between metric_window.first_day and metric_window.last_day
    left join duties on decisions.case_ref = duties.case_ref and duties.duty = 'relief'
),

banded as (
    select
        first_day,
        count(*) as count_decisions,
        count(*) filter (where day_no <= 57) as by_day_57,
        count(*) filter (where day_no between 58 and 71) as day_58_to_71,
        count(*) filter (where day_no between 72 and 85) as day_72_to_85,
        count(*) filter (where day_no between 86 and 113) as day_86_to_113,
        count(*) filter (where day_no > 113) as after_day_113,
        count(*) filter (where day_no is null) as without_relief_duty,
        round(count(*) filter (where day_no <= 57) / nullif(count(day_no), 0), 4) as share_by_day_57,
        median(day_no) as median_day,
        quantile_cont(day_no, 0.75) as upper_quartile_day,
    from decided
    group by first_day
)

select * from banded
order by first_day
