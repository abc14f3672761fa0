-- One row per case and duty that ended with accommodation six months before a day of the quarter: to be looked up.
-- Key: case_ref, duty
-- Title: Worklist: households to look up six months after an ending with accommodation
-- Edition: internal
select
    outcome_accommodated.look_up_day,
    outcome_accommodated.case_ref,
    outcome_accommodated.duty,
    outcome_accommodated.end_date,
    outcome_accommodated.accommodation,
    households.officer,
    households.team,
    outcome_accommodated.can_be_linked,
    outcome_accommodated.return_date,
from outcome_accommodated
inner join households on outcome_accommodated.case_ref = households.case_ref
inner join reporting_period
    on outcome_accommodated.look_up_day between reporting_period.first_day and reporting_period.last_day
order by outcome_accommodated.look_up_day, outcome_accommodated.case_ref, outcome_accommodated.duty
