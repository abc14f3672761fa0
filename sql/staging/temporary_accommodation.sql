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

-- The duty that the placement names began with an event that is masked; until then the interim duty was in force.
named_late as (
    select distinct
        case_ref,
        placement_no
    from placement_duties
    where is_duty_of_later
),

masked as (
    select
        rows_as_recorded.case_ref,
        rows_as_recorded.placement_no,
        entry_date,
        if(ends_later, null, exit_date) as exit_date,
        if(named_late.case_ref is null, taduty, codes.until_then) as taduty,
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
        invoice_number,
        if(last_seen_date > mask_after, null, last_seen_date) as last_seen_date,
        if(last_rent_date > mask_after, null, last_rent_date) as last_rent_date
    from rows_as_recorded
    left join codelist_taduty as codes on rows_as_recorded.taduty = codes.code
    left join named_late
        on
            rows_as_recorded.case_ref = named_late.case_ref
            and rows_as_recorded.placement_no = named_late.placement_no
    where entry_date <= mask_after
)

select * from masked
