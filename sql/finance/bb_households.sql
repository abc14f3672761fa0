-- One row per household that has been in bed and breakfast: its days there against the legal limit for families.
-- Key: case_key
-- Columns:
--   case_key: pseudonym of the case
--   is_family: the limit is for them: a dependent child or a pregnant member (Suitability Order 2003, articles 2, 4)
--   household_type: adults and children of the case
--   first_night: first night in bed and breakfast
--   days: nights in bed and breakfast up to the quarter's last day, over all placements, each night once
--   limit_days: days that the law allows a family, in one period or several together
--   passes_limit_on: day on which they pass the limit, or will if the household stays; empty if it left before
--   is_in_bb: in bed and breakfast on the quarter's last day
--   is_over_limit: a family that was over the limit by the quarter's last day, in bed and breakfast still or not
with spans as (
    select
        bb_spans.case_ref,
        min(bb_spans.from_date) as first_night,
        bool_or(is_open_on(bb_spans.from_date, bb_spans.to_date, reporting_period.last_day)) as is_in_bb,
    from bb_spans
    cross join reporting_period
    where bb_spans.from_date <= reporting_period.last_day
    group by bb_spans.case_ref
)

select
    mart_case.case_key,
    is_family(households.has_dependent_children, households.has_pregnant_member) as is_family,
    households.household_type,
    spans.first_night,
    bb_nights.nights as days,
    setting.bb_weeks_limit_nights as limit_days,
    bb_limits.passes_limit_on,
    spans.is_in_bb,
    is_family(households.has_dependent_children, households.has_pregnant_member)
    and coalesce(bb_limits.passes_limit_on <= reporting_period.last_day, false) as is_over_limit,
from spans
cross join reporting_period
cross join setting
inner join mart_case on spans.case_ref = mart_case.case_ref
left join bb_nights on spans.case_ref = bb_nights.case_ref
left join bb_limits on spans.case_ref = bb_limits.case_ref
left join households on spans.case_ref = households.case_ref
order by mart_case.case_key
