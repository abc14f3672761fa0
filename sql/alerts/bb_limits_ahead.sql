-- One row per family in bed and breakfast on the day of the alerts: when it has spent, or spends, six weeks there.
-- Key: case_ref, subject
-- A family is a household with dependent children or a pregnant member (Suitability Order 2003 article 2).
with in_bb as (
    select distinct bb_spans.case_ref
    from bb_spans
    cross join alert_option
    where is_open_on(bb_spans.from_date, bb_spans.to_date, alert_option.day)
),

dated as (
    select
        bb_limits.case_ref,
        bb_limits.passes_limit_on,
        alert_option.day,
        alert_option.near_bb
    from bb_limits
    inner join in_bb on bb_limits.case_ref = in_bb.case_ref
    inner join cases on bb_limits.case_ref = cases.case_ref
    cross join alert_option
    where is_family(cases.has_dependent_children, cases.has_pregnant_member)
)

select
    if(passes_limit_on > day, 'bb_limit_near', 'bb_limit_passed') as kind,
    case_ref,
    'bed and breakfast' as subject,
    if(passes_limit_on > day, passes_limit_on - 1, passes_limit_on) as about_on
from dated
where passes_limit_on - 1 <= day + near_bb
