-- One row per case whose duty ended with accommodation six months before a day of the calls' quarter.
-- Key: case_ref
-- Each ending falls into one quarter, so that it is drawn once. A household that has applied again is not in the
-- accommodation any more (seed-needs D6), and of two endings in the quarter the last says where it lives.
select
    outcome_accommodated.case_ref,
    outcome_accommodated.duty,
    outcome_accommodated.end_date,
    outcome_accommodated.look_up_day,
    outcome_accommodated.accommodation,
    sha256(
        concat_ws(':', metric_option.sample_seed, outcome_accommodated.case_ref, outcome_accommodated.duty)
    ) as draw
from outcome_accommodated
cross join metric_option
cross join metric_window
inner join call_window
    on outcome_accommodated.look_up_day between call_window.first_day and call_window.last_day
where coalesce(outcome_accommodated.return_date > metric_window.last_day, true)
qualify
    row_number() over (
        partition by outcome_accommodated.case_ref
        order by outcome_accommodated.end_date desc, outcome_accommodated.duty asc
    ) = 1
