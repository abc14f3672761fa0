-- One row per support need of a case closed by the masking day: what was done about it.
-- Key: case_ref, support_need
with rows_of_run as (
    select
        snapshot_assistance.*,
        reporting_period.mask_after
    from snapshot_assistance
    inner join reporting_period on snapshot_assistance.run_id = reporting_period.run_id
    semi join stg_main on snapshot_assistance.case_ref = stg_main.case_ref
),

-- Assistance is reported when a case closes, so it depends on the last ending as an outcome depends on its own.
endings as (
    select snapshot_main.case_ref, snapshot_main.assess_date as end_date
    from snapshot_main
    inner join reporting_period on snapshot_main.run_id = reporting_period.run_id
    union all
    select snapshot_prevention.case_ref, snapshot_prevention.prevention_end
    from snapshot_prevention
    inner join reporting_period on snapshot_prevention.run_id = reporting_period.run_id
    union all
    select snapshot_relief.case_ref, snapshot_relief.relief_end
    from snapshot_relief
    inner join reporting_period on snapshot_relief.run_id = reporting_period.run_id
    union all
    select snapshot_final_duties.case_ref, snapshot_final_duties.main_decision_date
    from snapshot_final_duties
    inner join reporting_period on snapshot_final_duties.run_id = reporting_period.run_id
    union all
    select snapshot_final_duties.case_ref, snapshot_final_duties.main_duty_end
    from snapshot_final_duties
    inner join reporting_period on snapshot_final_duties.run_id = reporting_period.run_id
),

cases_that_go_on as (
    select distinct endings.case_ref
    from endings
    cross join reporting_period
    where endings.end_date > reporting_period.mask_after
),

masked as (
    select
        rows_of_run.case_ref,
        rows_of_run.support_need,
        rows_of_run.assistance,
        rows_of_run.provider
    from rows_of_run
    anti join cases_that_go_on on rows_of_run.case_ref = cases_that_go_on.case_ref
)

select * from masked
