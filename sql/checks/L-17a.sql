-- Families that passed six weeks in bed and breakfast in the quarter, or were there in it having passed them before.
-- Key: case_ref, record_key
with placed as (
    select
        placements.case_ref,
        max(coalesce(placements.exit_date, date '9999-12-31')) as left_on,
        arg_max(placements.placement_no, (placements.entry_date, placements.placement_no)) as last_placement_no
    from placements
    cross join reporting_period
    where placements.ta_type = 'bb' and placements.entry_date <= reporting_period.last_day
    group by placements.case_ref
)

select
    placed.case_ref,
    'placement_no=' || placed.last_placement_no as record_key,
    bb_nights.nights || ' days, the limit passed on ' || bb_limits.passes_limit_on as shown,
from placed
inner join cases on placed.case_ref = cases.case_ref
inner join bb_nights on placed.case_ref = bb_nights.case_ref
inner join bb_limits on placed.case_ref = bb_limits.case_ref
cross join reporting_period
where
    is_family(cases.has_dependent_children, cases.has_pregnant_member)
    and bb_limits.passes_limit_on <= reporting_period.last_day
    and (bb_limits.passes_limit_on >= reporting_period.first_day or placed.left_on > reporting_period.first_day)
