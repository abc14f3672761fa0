-- One row per prevention or relief duty that comes to its 56th day, or is past it and not decided.
-- Key: case_ref, subject
-- The first day of a duty is day 1 (sql/metrics/caseload/case_relief_past_56.sql). Relief is past its time until the
-- main duty decision is made (Housing Act 1996 s189B(4)); prevention may go on after 56 days (s195(8)(b)).
with waiting as (
    select
        duties.case_ref,
        duties.duty,
        duties.start_date + 55 as day_56,
        alert_option.day,
        alert_option.near_duty,
        cases.stage
    from duties
    inner join cases on duties.case_ref = cases.case_ref
    cross join alert_option
    where
        (duties.duty = 'prevention' and cases.stage = 'prevention')
        or (duties.duty = 'relief' and cases.stage in ('relief', 'decision'))
)

select
    if(day_56 >= day, 'day_56_near', 'day_57_passed') as kind,
    case_ref,
    duty as subject,
    if(day_56 >= day, day_56, day_56 + 1) as about_on
from waiting
where
    day_56 < day
    -- Relief that has ended already comes to no 56th day.
    or (day_56 <= day + near_duty and stage = duty)
