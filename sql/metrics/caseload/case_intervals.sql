-- One row per case and interval that has ended: its first and last event and the days between them.
-- Key: case_ref, interval
with relief_duties as (
    select * from duties
    where duty = 'relief'
),

pairs as (
    select
        case_ref,
        'application to assessment' as interval,
        application_date as from_date,
        assess_date as to_date
    from households
    where assess1 is not null
    union all
    select
        case_ref,
        'assessment to plan',
        assess_date,
        php_date
    from households
    where duty_at_assessment is not null
    union all
    select
        case_ref,
        duty || ' duty',
        start_date,
        end_date
    from duties
    union all
    select
        decisions.case_ref,
        'application to main duty decision',
        households.application_date,
        decisions.decision_date
    from decisions
    inner join households on decisions.case_ref = households.case_ref
    union all
    select
        decisions.case_ref,
        'start of relief to main duty decision',
        relief_duties.start_date,
        decisions.decision_date
    from decisions
    inner join relief_duties on decisions.case_ref = relief_duties.case_ref
    union all
    select
        decisions.case_ref,
        'end of relief to main duty decision',
        relief_duties.end_date,
        decisions.decision_date
    from decisions
    inner join relief_duties on decisions.case_ref = relief_duties.case_ref
)

select
    case_ref,
    interval,
    from_date,
    to_date,
    to_date - from_date as days,
from pairs
where from_date is not null and to_date is not null
