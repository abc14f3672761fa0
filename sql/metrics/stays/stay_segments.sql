-- One row per household and span of nights under one placement; a stay of no nights has from_date = to_date.
-- Key: case_ref, from_date
with in_ta as (
    select
        placements.case_ref,
        placements.placement_no,
        placements.entry_date,
        placements.exit_date,
        coalesce(placements.ta_type, 'other') as ta_type,
        coalesce(placements.taduty_group, 'not_classifiable') as taduty_group,
        placements.ta_la,
        placements.ta_region_code,
        placements.is_out_of_district,
        placements.site,
        placements.landlord,
        list_position(setting.ta_type_order, coalesce(placements.ta_type, 'other')) as type_order,
    from placements
    cross join setting
    where not placements.is_own_arrangements and placements.entry_date is not null
),

occupied as (
    select * from in_ta
    where exit_date is null or exit_date > entry_date
),

edges as (
    select
        case_ref,
        entry_date as day,
    from occupied
    union
    select
        case_ref,
        exit_date as day,
    from occupied
    where exit_date is not null
),

spans as (
    select
        case_ref,
        day as from_date,
        lead(day) over (partition by case_ref order by day) as to_date,
    from edges
),

-- A household with several open placements counts once, under the one entered last (ties: order of TA1's columns),
-- and is out of district if any of them is (hclic-spec 2.10).
covered as (
    select
        spans.case_ref,
        spans.from_date,
        spans.to_date,
        occupied.placement_no,
        occupied.entry_date as placement_entry_date,
        occupied.ta_type,
        occupied.taduty_group,
        occupied.ta_la,
        occupied.ta_region_code,
        occupied.site,
        occupied.landlord,
        coalesce(
            bool_or(occupied.is_out_of_district) over (partition by spans.case_ref, spans.from_date), false
        ) as is_out_of_district,
    from spans
    inner join occupied
        on
            spans.case_ref = occupied.case_ref
            and spans.from_date >= occupied.entry_date
            and (occupied.exit_date is null or spans.from_date < occupied.exit_date)
    qualify
        row_number() over (
            partition by spans.case_ref, spans.from_date
            order by occupied.entry_date desc, occupied.type_order asc, occupied.placement_no desc
        ) = 1
),

with_stay as (
    select
        covered.*,
        stays.stay_no,
        stays.entry_date as stay_entry_date,
        stays.exit_date as stay_exit_date,
    from covered
    inner join stays
        on
            covered.case_ref = stays.case_ref
            and covered.from_date >= stays.entry_date
            and (stays.exit_date is null or covered.from_date < stays.exit_date)
),

without_nights as (
    select
        in_ta.case_ref,
        in_ta.entry_date as from_date,
        in_ta.entry_date as to_date,
        in_ta.placement_no,
        in_ta.entry_date as placement_entry_date,
        in_ta.ta_type,
        in_ta.taduty_group,
        in_ta.ta_la,
        in_ta.ta_region_code,
        in_ta.site,
        in_ta.landlord,
        coalesce(in_ta.is_out_of_district, false) as is_out_of_district,
        stays.stay_no,
        stays.entry_date as stay_entry_date,
        stays.exit_date as stay_exit_date,
    from in_ta
    inner join stays
        on in_ta.case_ref = stays.case_ref and in_ta.entry_date = stays.entry_date
    where stays.exit_date = stays.entry_date
    qualify
        row_number() over (
            partition by in_ta.case_ref, in_ta.entry_date order by in_ta.type_order asc, in_ta.placement_no desc
        ) = 1
),

segments as (
    select * from with_stay
    union all by name
    select * from without_nights
)

select * from segments
