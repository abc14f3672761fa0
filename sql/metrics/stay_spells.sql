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
        'all' as all_households,
        stay_segments.ta_type as "type",
        stay_households.household_type as household,
        case when stay_households.has_dependent_children then 'children' else 'adults only' end as children,
        stay_segments.ta_type
        || case when stay_households.has_dependent_children then ' children' else ' adults only' end as type_children,
        stay_households.child_under_5,
        stay_households.child_under_12,
        stay_segments.taduty_group as duty,
        case when stay_segments.is_out_of_district then 'out of district' else 'in district' end as out_of_district,
        coalesce(codelist_authority.active_code, stay_segments.ta_la, 'nk') as district,
        coalesce(stay_segments.landlord, 'not recorded') as landlord,
        coalesce(stay_segments.site, 'not recorded') as site,
    from stay_segments
    inner join stay_households on stay_segments.case_ref = stay_households.case_ref
    left join codelist_authority on stay_segments.ta_la = codelist_authority.code
),

by_dimension as (
    unpivot described
    on all_households as 'all', "type", household, children, type_children, child_under_5, child_under_12, duty,
    out_of_district, district, landlord, site
    into name dimension value value
),

compared as (
    select
        *,
        lag(to_date) over stay_in_order as previous_to_date,
        lag(value) over stay_in_order as previous_value,
        lead(from_date) over stay_in_order as next_from_date,
    from by_dimension
    window stay_in_order as (partition by case_ref, stay_no, dimension order by from_date)
),

numbered as (
    select
        *,
        sum(case when previous_to_date = from_date and previous_value = value then 0 else 1 end) over (
            partition by case_ref, stay_no, dimension order by from_date
        ) as spell_no,
    from compared
),

spells as (
    select
        case_ref,
        stay_no,
        dimension,
        value,
        spell_no,
        min(from_date) as from_date,
        case when bool_or(to_date is null) then null else max(to_date) end as to_date,
        bool_or(from_date = stay_entry_date) as is_entry,
        bool_and(previous_to_date is not null) as is_transfer_in,
        coalesce(bool_or(to_date = stay_exit_date), false) as is_exit,
        bool_and(next_from_date is not null) as is_transfer_out,
    from numbered
    group by case_ref, stay_no, dimension, value, spell_no
)

select * from spells
