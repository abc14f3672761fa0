-- One row per placement in temporary accommodation, own arrangements among them.
-- Key: case_ref, placement_no
with own_authority as (
    select coalesce(codelist_authority.active_code, reporting_period.la_code) as active_code
    from reporting_period
    left join codelist_authority on reporting_period.la_code = codelist_authority.code
),

-- Authorities are compared by the codes in force today: a merged district is not out of district.
located as (
    select
        placed.case_ref,
        placed.placement_no,
        placed.entry_date,
        placed.exit_date,
        placed.ta_type,
        placed.taduty,
        coalesce(codelist_taduty."group", 'not_classifiable') as taduty_group,
        placed.ta_la,
        coalesce(coalesce(host.active_code, placed.ta_la) <> own_authority.active_code, false)
            as is_out_of_district,
        host.region_code as ta_region_code,
        placed.exit_reason,
        placed.placement_ref,
        placed.site,
        placed.landlord,
        placed.rate,
        placed.bedrooms,
        placed.self_contained,
        placed.lha_area,
        placed.cost_centre,
        placed.invoice_number,
        coalesce(placed.ta_type = 'own', false) as is_own_arrangements
    from temporary_accommodation as placed
    cross join own_authority
    left join codelist_taduty on placed.taduty = codelist_taduty.code
    left join codelist_authority as host on placed.ta_la = host.code
)

select * from located
