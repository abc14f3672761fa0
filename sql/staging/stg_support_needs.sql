-- One row per support need of a household.
-- Key: case_ref, support_need
with rows_of_run as (
    select
        snapshot_support_needs.case_ref,
        snapshot_support_needs.support_need
    from snapshot_support_needs
    inner join reporting_period on snapshot_support_needs.run_id = reporting_period.run_id
    semi join stg_main on snapshot_support_needs.case_ref = stg_main.case_ref
)

select * from rows_of_run
