-- One row per support need of a case closed by the masking day: what was done about it.
-- Key: case_ref, support_need
with rows_of_known_cases as (
    select
        assistance.*,
        reporting_period.mask_after
    from assistance
    cross join reporting_period
    semi join quarter_end.main as known on assistance.case_ref = known.case_ref
),

-- Assistance is reported when a case closes, so it depends on the last ending as an outcome depends on its own.
endings as (
    select case_ref, assess_date as end_date from main
    union all
    select case_ref, prevention_end from prevention
    union all
    select case_ref, relief_end from relief
    union all
    select case_ref, main_decision_date from final_duties
    union all
    select case_ref, main_duty_end from final_duties
),

cases_that_go_on as (
    select endings.case_ref
    from endings
    cross join reporting_period
    where endings.end_date > reporting_period.mask_after
),

masked as (
    select
        rows_of_known_cases.case_ref,
        rows_of_known_cases.support_need,
        rows_of_known_cases.assistance,
        rows_of_known_cases.provider
    from rows_of_known_cases
    anti join cases_that_go_on on rows_of_known_cases.case_ref = cases_that_go_on.case_ref
)

select * from masked
