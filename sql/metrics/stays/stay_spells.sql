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
    from stay_segments
    left join codelist_authority on stay_segments.ta_la = codelist_authority.code
),

compared as (
    select
        *,
        nullif(
            max(coalesce(to_date, date '9999-12-31')) over (
                stay_in_order rows between unbounded preceding and unbounded following
            ),
            date '9999-12-31'
        ) as last_to_date,
        coalesce(lag(to_date) over stay_in_order <> from_date, true) as is_apart,
        coalesce(lag(type) over stay_in_order <> type, true) as is_other_type,
        coalesce(lag(duty) over stay_in_order <> duty, true) as is_other_duty,
        coalesce(lag(out_of_district) over stay_in_order <> out_of_district, true) as is_other_out_of_district,
        coalesce(lag(district) over stay_in_order <> district, true) as is_other_district,
        coalesce(lag(landlord) over stay_in_order <> landlord, true) as is_other_landlord,
        coalesce(lag(site) over stay_in_order <> site, true) as is_other_site,
    from described
    window stay_in_order as (partition by case_ref, stay_no order by from_date)
),

-- Spans of nights that follow each other under one value are one spell: they get one number.
numbered as (
    select
        *,
        sum(is_apart::integer) over stay_in_order as all_no,
        sum((is_apart or is_other_type)::integer) over stay_in_order as type_no,
        sum((is_apart or is_other_duty)::integer) over stay_in_order as duty_no,
        sum((is_apart or is_other_out_of_district)::integer) over stay_in_order as out_of_district_no,
        sum((is_apart or is_other_district)::integer) over stay_in_order as district_no,
        sum((is_apart or is_other_landlord)::integer) over stay_in_order as landlord_no,
        sum((is_apart or is_other_site)::integer) over stay_in_order as site_no,
    from compared
    window stay_in_order as (partition by case_ref, stay_no order by from_date)
),

by_dimension as (
    unpivot (
        select
            *,
            'all' as all_households,
        from numbered
    )
    on
    (all_households, all_no) as 'all',
    (type, type_no) as type,
    (duty, duty_no) as duty,
    (out_of_district, out_of_district_no) as out_of_district,
    (district, district_no) as district,
    (landlord, landlord_no) as landlord,
    (site, site_no) as site
    into name dimension value value, spell_no
),

joined as (
    select
        by_dimension.case_ref,
        by_dimension.stay_no,
        by_dimension.dimension,
        by_dimension.spell_no,
        by_dimension.stay_entry_date,
        by_dimension.stay_exit_date,
        by_dimension.last_to_date,
        any_value(by_dimension.value) as value,
        min(by_dimension.from_date) as from_date,
        nullif(max(coalesce(by_dimension.to_date, date '9999-12-31')), date '9999-12-31') as to_date,
    from by_dimension
    semi join metric_dimension on by_dimension.dimension = metric_dimension.dimension
    group by all
),

varying as (
    select
        case_ref,
        stay_no,
        dimension,
        value,
        from_date,
        to_date,
        stay_exit_date,
        from_date = stay_entry_date as is_entry,
        spell_no > 1 as is_transfer_in,
        to_date is not null and coalesce(to_date <> last_to_date, true) as is_transfer_out,
    from joined
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
