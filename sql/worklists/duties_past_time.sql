-- One row per duty, review and family in bed and breakfast whose time was up before the day of the worklists.
-- Key: case_ref, what, number
-- What the law forbids stands first (Suitability Order 2003 article 4), then what it times (Housing Act 1996 s189B(4),
-- SI 2018/223 regulation 9), then prevention, which may go on after 56 days (s195(8)(b)).
with first_bb_days as (
    select
        case_ref,
        min(from_date) as began
    from bb_spans
    group by case_ref
),

overdue as (
    -- Where the family was elsewhere in between, these days do not count.
    select
        1 as urgency,
        stay_bb_families.case_ref,
        'Family in bed and breakfast for more than six weeks' as what,
        0 as number,
        first_bb_days.began,
        stay_bb_families.reaches_limit_on as time_was_up,
        stay_bb_families.days_in_bb - setting.bb_weeks_limit_nights as days_past
    from stay_bb_families
    cross join setting
    inner join first_bb_days on stay_bb_families.case_ref = first_bb_days.case_ref
    where stay_bb_families.state = 'over the limit'
    union all
    select
        2,
        case_ref,
        'Relief duty open after 56 days',
        0,
        relief_start,
        day_57 - 1,
        null
    from case_relief_past_56
    where stage = 'relief'
    union all
    select
        2,
        case_open_list.case_ref,
        'No main duty decision after relief ended',
        0,
        duties.start_date,
        duties.end_date,
        null
    from case_open_list
    inner join duties on case_open_list.case_ref = duties.case_ref and duties.duty = 'relief'
    where case_open_list.stage = 'decision'
    union all
    select
        2,
        review_open_list.case_ref,
        'Review not decided in time',
        review_open_list.review_no,
        review_dates.review_requested_date,
        review_open_list.due_date,
        null
    from review_open_list
    inner join review_dates
        on review_open_list.case_ref = review_dates.case_ref and review_open_list.review_no = review_dates.review_no
    union all
    select
        3,
        case_open_list.case_ref,
        'Prevention duty open after 56 days',
        0,
        duties.start_date,
        duties.start_date + 55,
        null
    from case_open_list
    inner join duties on case_open_list.case_ref = duties.case_ref and duties.duty = 'prevention'
    where case_open_list.stage = 'prevention'
)

select
    overdue.case_ref,
    listed_cases.your_reference,
    listed_cases.officer,
    listed_cases.team,
    overdue.what,
    overdue.number,
    overdue.began,
    overdue.time_was_up,
    coalesce(overdue.days_past, metric_window.last_day - overdue.time_was_up) as days_past
from overdue
cross join metric_window
left join listed_cases on overdue.case_ref = listed_cases.case_ref
where overdue.time_was_up < metric_window.last_day
order by
    overdue.urgency asc,
    coalesce(overdue.days_past, metric_window.last_day - overdue.time_was_up) desc,
    overdue.case_ref asc,
    overdue.what asc,
    overdue.number asc
