-- One row per household given a main duty decision in the quarter.
-- Key: case_ref
with decided as (
    select
        decisions.case_ref,
        decisions.decision,
        coalesce(decisions.pneed, 'nk') as pneed,
        households.household_type,
        households.has_children,
        made.in_md1 is not null as is_in_md1,
        made.in_p1e is not null as is_in_p1e
    from decisions
    cross join reporting_period
    left join households on decisions.case_ref = households.case_ref
    left join codelist_main_decision as made on decisions.decision = made.code
    where decisions.decision_date between reporting_period.first_day and reporting_period.last_day
)

select * from decided
