-- One row per case and duty owed.
-- Key: case_key, duty
-- Columns:
--   case_key: pseudonym of the case
--   duty: prevention, relief or main
--   start_date: day the duty began; of the main duty, day of the decision
--   end_date: day it ended; empty while owed
--   days: days from start to end; empty while owed
--   days_to_date: days from start to end or, while owed, to the quarter's last day
--   outcome: why it ended (code list prevention_outcome, relief_outcome or main_duty_outcome)
--   outcome_label: the same in words
--   activity: what was done (code list prevention_activity or relief_activity); empty for the main duty
--   accommodation: accommodation when it ended (code list accommodation)
--   accommodation_la: district of that accommodation (GSS code)
with outcomes as (
    select
        'prevention' as duty,
        code,
        label,
    from codelist_prevention_outcome
    union all
    select
        'relief',
        code,
        label,
    from codelist_relief_outcome
    union all
    select
        'main',
        code,
        label,
    from codelist_main_duty_outcome
)

select
    mart_case.case_key,
    duties.duty,
    duties.start_date,
    duties.end_date,
    duties.end_date - duties.start_date as days,
    coalesce(duties.end_date, reporting_period.last_day) - duties.start_date as days_to_date,
    duties.outcome,
    outcomes.label as outcome_label,
    duties.activity,
    duties.accommodation,
    duties.accommodation_la,
from duties
cross join reporting_period
inner join mart_case on duties.case_ref = mart_case.case_ref
left join outcomes on duties.duty = outcomes.duty and duties.outcome = outcomes.code
order by mart_case.case_key, duties.duty
