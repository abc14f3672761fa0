-- Own arrangements that overlap with a placement.
-- Key: case_ref, record_key
select distinct
    later.case_ref,
    'placement_no=' || later.placement_no as record_key,
    later.ta_type as shown,
from temporary_accommodation as later
inner join temporary_accommodation as earlier
    on
        later.case_ref = earlier.case_ref
        and later.placement_no <> earlier.placement_no
        and share_a_day(earlier.entry_date, earlier.exit_date, later.entry_date, later.exit_date)
where
    later.ta_type = 'own'
    and earlier.ta_type <> 'own'
