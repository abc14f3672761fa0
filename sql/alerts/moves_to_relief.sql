-- One row per case that moved from the prevention duty to the relief duty: on which day.
-- Key: case_ref, subject
-- A refusal of prevention that no relief duty follows is not a move (sql/facts/duties.sql, next_step).
select
    'moved_to_relief' as kind,
    case_states.case_ref,
    'relief' as subject,
    min(case_states.day) as about_on
from case_states
cross join alert_option
where
    case_states.previous_state = 'prevention'
    and case_states.state = 'relief'
    and case_states.day <= alert_option.day
group by case_states.case_ref
