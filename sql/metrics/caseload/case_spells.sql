-- One row per case, stage and holder: unbroken time of an open case in one stage with one officer.
-- Key: case_ref, from_date, stage
-- Half-open days. An export knows at most the last change of officer: before it the previous officer held the case.
with open_states as (
    select
        case_states.case_ref,
        case_states.state as stage,
        case_states.day as from_date,
        coalesce(case_states.until_day, date '9999-12-31') as to_date,
        coalesce(households.team, 'not recorded') as team,
        coalesce(households.officer, 'not recorded') as officer,
        coalesce(households.previous_officer, 'not recorded') as previous_officer,
        if(households.officer_since is null, date '0001-01-01', households.officer_since) as officer_since,
    from case_states
    inner join households on case_states.case_ref = households.case_ref
    where
        case_states.is_open
        and coalesce(case_states.until_day > case_states.day, true)
),

held as (
    select
        case_ref,
        stage,
        team,
        previous_officer as officer,
        from_date,
        least(to_date, officer_since) as to_date,
    from open_states
    where from_date < officer_since
    union all
    select
        case_ref,
        stage,
        team,
        officer,
        greatest(from_date, officer_since) as from_date,
        to_date,
    from open_states
    where to_date > officer_since
)

select
    case_ref,
    stage,
    team,
    officer,
    from_date,
    nullif(to_date, date '9999-12-31') as to_date,
from held
