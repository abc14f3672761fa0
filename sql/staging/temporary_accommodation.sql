-- One row per placement entered by the masking day.
-- Key: case_ref, placement_no
with rows_as_recorded as (
    select
        temporary_accommodation.*,
        reporting_period.mask_after,
        coalesce(temporary_accommodation.exit_date > reporting_period.mask_after, false) as ends_later
    from temporary_accommodation
    cross join reporting_period
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
    from rows_as_recorded
    where entry_date <= mask_after
)

select * from masked
