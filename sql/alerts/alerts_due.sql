-- One row per alert about a case that is due on the day of the alerts, whoever was told before.
-- Key: kind, case_ref, subject
-- What lies longer back than the limit is for the worklists: an alert tells news.
with every_kind as (
    select * from moves_to_relief
    union all
    select * from bb_limits_ahead
    union all
    select * from duty_days
    union all
    select * from reviews_due
)

select
    every_kind.kind,
    every_kind.case_ref,
    every_kind.subject,
    every_kind.about_on,
    listed_cases.your_reference,
    listed_cases.officer,
    listed_cases.team
from every_kind
inner join listed_cases on every_kind.case_ref = listed_cases.case_ref
cross join alert_option
where every_kind.about_on >= alert_option.day - alert_option.days_back
order by every_kind.about_on asc, every_kind.kind asc, every_kind.case_ref asc, every_kind.subject asc
