-- One row per finding of an earlier run that was asked about again and is put right; no run between said so before.
-- Key: finding_id
select
    gone.finding_id,
    gone.row_no,
    gone.last_place
from gone
inner join asked_now on gone.finding_id = asked_now.finding_id
anti join put_right_between on gone.finding_id = put_right_between.finding_id
where asked_now.why is null
