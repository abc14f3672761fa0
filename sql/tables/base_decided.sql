-- One row per household given a main duty decision in the quarter.
-- Key: case_ref
with decided as (
    select
        decisions.case_ref,
        decisions.decision,
        coalesce(decisions.pneed, 'nk') as pneed,
        coalesce(households.household_type, 'nk') as household_type,
        coalesce(
            households.household_type in (
                'couple_children', 'single_parent_male', 'single_parent_female', 'single_parent_other',
                'three_adults_children'
            ),
            false
        ) as has_children
    from decisions
    cross join reporting_period
    left join households on decisions.case_ref = households.case_ref
    where decisions.decision_date between reporting_period.first_day and reporting_period.last_day
)

select * from decided
