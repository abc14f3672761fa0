-- One row per placement that was open in the earlier run and is not in this export, with the one it seems to be now.
-- Key: case_ref, placement_no
-- A placement is known again by its case and first night, as often as there are such: numbers within a case may be
-- given anew. An ended placement that was known before is none that an open one could have become.
with ended_before as (
    select
        case_ref,
        entry_date,
        exit_date,
        row_number() over (partition by case_ref, entry_date, exit_date order by placement_no) as copy_no
    from before.temporary_accommodation
    where exit_date is not null
),

numbered as (
    select
        case_ref,
        placement_no,
        placement_ref,
        entry_date,
        exit_date,
        row_number() over (partition by case_ref, entry_date, exit_date order by placement_no) as copy_no
    from temporary_accommodation
    semi join before.temporary_accommodation as changed on temporary_accommodation.case_ref = changed.case_ref
),

can_be_it as (
    select
        numbered.case_ref,
        numbered.placement_no,
        numbered.placement_ref,
        numbered.entry_date,
        row_number() over (
            partition by numbered.case_ref, numbered.entry_date
            order by numbered.exit_date is not null, numbered.placement_no
        ) as copy_no
    from numbered
    anti join ended_before
        on
            numbered.case_ref = ended_before.case_ref
            and numbered.entry_date = ended_before.entry_date
            and numbered.exit_date = ended_before.exit_date
            and numbered.copy_no = ended_before.copy_no
),

open_before as (
    select
        case_ref,
        placement_no,
        placement_ref,
        entry_date,
        row_number() over (partition by case_ref, entry_date order by placement_no) as copy_no
    from before.temporary_accommodation
    where exit_date is null
),

gone as (
    select open_before.*
    from open_before
    anti join can_be_it
        on
            open_before.case_ref = can_be_it.case_ref
            and open_before.entry_date is not distinct from can_be_it.entry_date
            and open_before.copy_no = can_be_it.copy_no
),

come as (
    select can_be_it.*
    from can_be_it
    anti join open_before
        on
            can_be_it.case_ref = open_before.case_ref
            and can_be_it.entry_date is not distinct from open_before.entry_date
            and can_be_it.copy_no = open_before.copy_no
)

select
    gone.case_ref,
    gone.placement_no,
    gone.entry_date,
    come.placement_no as new_placement_no,
    come.entry_date as new_entry_date
from gone
left join come
    on
        gone.case_ref = come.case_ref
        and if(
            gone.placement_ref is not null and come.placement_ref is not null,
            gone.placement_ref = come.placement_ref,
            gone.placement_no = come.placement_no
        )
qualify row_number() over (partition by gone.case_ref, gone.placement_no order by come.placement_no) = 1
