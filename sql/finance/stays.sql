-- One row per household stay: unbroken time in temporary accommodation over overlapping and touching placements.
-- Key: case_key, stay_no
-- Columns:
--   case_key: pseudonym of the case
--   stay_no: number of the stay within the case
--   entry_date: first night
--   exit_date: day the household left, not itself a night; empty while open
--   count_placements: placements of the stay
--   nights: nights of the completed stay; empty while open
--   days_to_date: days from entry to exit or, while open, to the quarter's last day
--   household_type: adults and children of the case
--   has_dependent_children: at least one dependent child in the case
--   is_family: a dependent child or a pregnant member (Suitability Order 2003, article 2)
select
    mart_case.case_key,
    stays.stay_no,
    stays.entry_date,
    stays.exit_date,
    stays.count_placements,
    stays.nights,
    coalesce(stays.exit_date, reporting_period.last_day) - stays.entry_date as days_to_date,
    households.household_type,
    households.has_dependent_children,
    is_family(households.has_dependent_children, households.has_pregnant_member) as is_family,
from stays
cross join reporting_period
inner join mart_case on stays.case_ref = mart_case.case_ref
left join households on stays.case_ref = households.case_ref
order by mart_case.case_key, stays.stay_no
