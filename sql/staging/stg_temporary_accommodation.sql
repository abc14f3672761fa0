-- One row per placement entered by the masking day.
-- Key: case_ref, placement_no
with rows_of_run as (
    select
        snapshot_temporary_accommodation.*,
        reporting_period.mask_after,
        coalesce(snapshot_temporary_accommodation.exit_date > reporting_period.mask_after, false) as ends_later
    from snapshot_temporary_accommodation
    inner join reporting_period on snapshot_temporary_accommodation.run_id = reporting_period.run_id
),

masked as (
    select
        case_ref,
        placement_no,
        entry_date,
        if(ends_later, null, exit_date) as exit_date,
        taduty,
        ta_type,
        ta_la,
        if(ends_later, null, exit_reason) as exit_reason,
        placement_ref,
        site,
        landlord,
        rate,
        bedrooms,
        self_contained,
        lha_area,
        cost_centre,
        invoice_number
    from rows_of_run
    where entry_date <= mask_after
)

select * from masked
