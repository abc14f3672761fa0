-- One row per cell and household behind it.
-- Key: cell, reference
-- Where the household was on the day of the acceptance.
with placed_at_decision as (
    select
        placements.case_ref,
        placements.ta_type
    from placements
    inner join decisions on placements.case_ref = decisions.case_ref
    cross join setting
    where
        placements.entry_date <= decisions.decision_date
        and (placements.exit_date is null or placements.exit_date > decisions.decision_date)
    qualify row_number() over (
        partition by placements.case_ref
        order by
            placements.entry_date desc,
            list_position(setting.ta_type_order, placements.ta_type),
            placements.placement_no desc
    ) = 1
),

outcomes as (
    select
        case
            when placed_at_decision.ta_type is not null then placed_at_decision.ta_type
            when main_duties.outcome = 'part6_accepted' and main_duties.end_date = main_duties.start_date then 'part6'
            else 'none'
        end as cell,
        base_decided.case_ref as reference
    from base_decided
    left join placed_at_decision on base_decided.case_ref = placed_at_decision.case_ref
    left join duties as main_duties on base_decided.case_ref = main_duties.case_ref and main_duties.duty = 'main'
    where base_decided.decision = 'accepted'
)

select * from outcomes
