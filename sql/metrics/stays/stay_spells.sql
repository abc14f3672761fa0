-- One row per household stay, dimension and unbroken span under one value of it (its type, district, landlord …).
-- Key: case_ref, stay_no, dimension, from_date
with described as (
    select
        stay_segments.case_ref,
        stay_segments.stay_no,
        stay_segments.from_date,
        stay_segments.to_date,
        stay_segments.stay_entry_date,
        stay_segments.stay_exit_date,
        stay_segments.ta_type as type,
        stay_segments.taduty_group as duty,
        case when stay_segments.is_out_of_district then 'out of district' else 'in district' end as out_of_district,
        coalesce(codelist_authority.active_code, stay_segments.ta_la, 'nk') as district,
        coalesce(stay_segments.landlord, 'not recorded') as landlord,
        coalesce(stay_segments.site, 'not recorded') as site,
        -- The windows below run over half a million rows: one number a stay sorts faster than reference and number.
        rank() over (order by stay_segments.case_ref, stay_segments.stay_no) as stay_id,
        nullif(
            max(coalesce(stay_segments.to_date, date '9999-12-31')) over (
                partition by stay_segments.case_ref, stay_segments.stay_no
            ),
            date '9999-12-31'
        ) as last_to_date,
    from stay_segments
    left join codelist_authority on stay_segments.ta_la = codelist_authority.code
),

by_dimension as (
    unpivot (
        select
            *,
            'all' as all_households,
        from described
    )
    on all_households as 'all', type, duty, out_of_district, district, landlord, site
    into name dimension value value
),

wanted as (
    select by_dimension.*
    from by_dimension
    semi join metric_dimension on by_dimension.dimension = metric_dimension.dimension
),

compared as (
    select
        *,
        lag(to_date) over stay_in_order as previous_to_date,
        lag(value) over stay_in_order as previous_value,
    from wanted
    window stay_in_order as (partition by dimension, stay_id order by from_date)
),

starts as (
    select * from compared
    where previous_to_date is null or previous_to_date <> from_date or previous_value <> value
),

-- A spell ends where the row before the next spell's start ends, the last one where the stay's last row ends.
varying as (
    select
        starts.case_ref,
        starts.stay_no,
        starts.dimension,
        starts.value,
        starts.from_date,
        starts.from_date = starts.stay_entry_date as is_entry,
        starts.previous_to_date is not null as is_transfer_in,
        lead(starts.from_date) over next_start is not null as is_transfer_out,
        if(
            lead(starts.from_date) over next_start is null,
            starts.last_to_date,
            lead(starts.previous_to_date) over next_start
        ) as to_date,
        starts.stay_exit_date,
    from starts
    window next_start as (partition by starts.dimension, starts.stay_id order by starts.from_date)
),

-- What does not change within a stay needs no windows of its own.
fixed_source as (
    select
        varying.* exclude (varying.dimension, varying.value),
        stay_households.household_type as household,
        if(stay_households.has_dependent_children, 'children', 'adults only') as children,
        stay_households.child_under_5,
        stay_households.child_under_12,
    from varying
    inner join stay_households on varying.case_ref = stay_households.case_ref
    where varying.dimension = 'all'
),

fixed as (
    unpivot fixed_source
    on household, children, child_under_5, child_under_12
    into name dimension value value
),

type_children as (
    select
        varying.* exclude (varying.dimension, varying.value),
        'type_children' as dimension,
        varying.value || if(stay_households.has_dependent_children, ' children', ' adults only') as value,
    from varying
    inner join stay_households on varying.case_ref = stay_households.case_ref
    where varying.dimension = 'type'
),

combined as (
    select * from varying
    union all by name
    select * from fixed
    union all by name
    select * from type_children
),

spells as (
    select
        case_ref,
        stay_no,
        dimension,
        value,
        from_date,
        to_date,
        is_entry,
        is_transfer_in,
        coalesce(to_date = stay_exit_date, false) as is_exit,
        is_transfer_out,
    from combined
)

select * from spells
