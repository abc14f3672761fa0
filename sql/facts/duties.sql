-- One row per case and duty owed; the main duty only where it was accepted, from the day of the decision.
-- Key: case_ref, duty
-- next_step: where the case stands once the duty has ended: relief, decision (one is awaited) or closed.
with all_duties as (
    select
        prevention.case_ref,
        'prevention' as duty,
        prevention.prevention_start as start_date,
        prevention.prevention_end as end_date,
        prevention.prevention_outcome as outcome,
        prevention.prevention_activity as activity,
        prevention.accom_pr as accommodation,
        prevention.prevention_accom_la as accommodation_la,
        cast(null as varchar) as decision,
        cast(null as varchar) as pneed,
        -- A refusal ends the duty and the case; relief may follow it all the same, if the household becomes homeless.
        case
            when prevention.prevention_end is null then null
            when codes.goes_on_to is not null then codes.goes_on_to
            when codes.may_go_on_to = 'relief' and relief.case_ref is not null then 'relief'
            else 'closed'
        end as next_step,
        codes.secured is not null as is_secured
    from one_prevention as prevention
    left join codelist_prevention_outcome as codes on prevention.prevention_outcome = codes.code
    left join one_relief as relief on prevention.case_ref = relief.case_ref
    union all
    select
        relief.case_ref,
        'relief',
        relief.relief_start,
        relief.relief_end,
        relief.relief_outcome,
        relief.relief_activity,
        relief.relief_accom,
        relief.relief_accom_la,
        null,
        null,
        case
            when relief.relief_end is null then null
            else coalesce(codes.goes_on_to, 'closed')
        end,
        codes.secured is not null
    from one_relief as relief
    left join codelist_relief_outcome as codes on relief.relief_outcome = codes.code
    union all
    select
        case_ref,
        'main',
        main_decision_date,
        main_duty_end,
        main_duty_outcome,
        null,
        main_accom,
        main_accom_la,
        main_decision,
        pneed,
        if(main_duty_end is null, null, 'closed'),
        false
    from one_final_duties
    where main_decision = 'accepted'
)

select * from all_duties
