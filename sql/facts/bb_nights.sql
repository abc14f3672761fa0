-- One row per case that was in bed and breakfast by the quarter's last day: its nights there, over all placements.
-- Key: case_ref
select
    bb_spans.case_ref,
    cast(sum(nights_by(bb_spans.from_date, bb_spans.to_date, reporting_period.last_day)) as bigint) as nights
from bb_spans
cross join reporting_period
where bb_spans.from_date <= reporting_period.last_day
group by bb_spans.case_ref
