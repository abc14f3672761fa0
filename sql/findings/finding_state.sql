-- One row per finding of this run: new, open, come back or waived, and when it was first seen.
-- Key: finding_id
select
    found_now.finding_id,
    case
        when found_now.is_waived then 'waived'
        when seen_before.finding_id is null then 'new'
        when put_right_between.finding_id is not null then 'come back'
        else 'open'
    end as state,
    strftime(coalesce(first_run.as_at, this_run.as_at), '%Y-%m-%d') as since,
    coalesce(first_run.run_id, this_run.run_id) as first_run,
    coalesce(seen_before.count_runs, 0) + 1 as seen_runs,
    found_now.kind,
    not found_now.is_waived and waived_before.finding_id is not null as is_waiver_over
from found_now
cross join this_run
left join seen_before on found_now.known_as = seen_before.finding_id
left join compared_run as first_run on seen_before.first_place = first_run.place
left join put_right_between on found_now.known_as = put_right_between.finding_id
left join waived_before on found_now.known_as = waived_before.finding_id
