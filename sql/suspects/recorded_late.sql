-- One row per case that was recorded after the last day on which it could be in the published figures.
-- Key: case_ref
select
    main.case_ref,
    main.recorded_date as day
from one_main as main
cross join reconciled_by
where main.recorded_date > reconciled_by.cut_off
order by main.case_ref
