-- One row per case that the run was told to leave out, with the reason given.
-- Key: case_ref
select
    case_selection.case_ref,
    case_selection.reason
from case_selection
inner join reporting_period on case_selection.run_id = reporting_period.run_id
where
    case_selection.forced = 'exclude'
    and not case_selection.is_selected
order by case_selection.case_ref
