-- One row per duty ('all': total) and quarter in which it ended with accommodation: households that came back or not.
-- Key: duty, first_day
-- Title: Accommodation sustained six months after the duty ended, and returns
-- Known only for main applicants who can be recognised, and only by a later application to this authority.
with dated as (
    select
        outcome_accommodated.*,
        date_trunc('quarter', outcome_accommodated.end_date)::date as first_day,
        outcome_accommodated.look_up_day <= metric_window.last_day as is_reached,
        coalesce(outcome_accommodated.return_date <= outcome_accommodated.look_up_day, false) as is_returned,
    from outcome_accommodated
    inner join metric_window on outcome_accommodated.end_date >= metric_window.first_day
),

counted as (
    select
        coalesce(duty, 'all') as duty,
        first_day,
        count(*) as ended_with_accommodation,
        count(*) filter (where not is_reached) as not_yet_reached,
        count(*) filter (where is_reached and not can_be_linked) as cannot_be_linked,
        count(*) filter (where is_reached and can_be_linked and is_returned) as returned,
        count(*) filter (where is_reached and can_be_linked and not is_returned) as no_return_seen,
    from dated
    group by grouping sets ((first_day), (first_day, duty))
)

select
    *,
    round(no_return_seen / nullif(no_return_seen + returned, 0), 4) as share_sustained,
from counted
order by duty, first_day
