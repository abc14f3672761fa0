-- One row per case and duty owed; the main duty only where it was accepted, from the day of the decision.
-- Key: case_ref, duty
with all_duties as (
    select
        case_ref,
        'prevention' as duty,
        prevention_start as start_date,
        prevention_end as end_date,
        prevention_outcome as outcome,
        prevention_activity as activity,
        accom_pr as accommodation,
        prevention_accom_la as accommodation_la,
        cast(null as varchar) as decision,
        cast(null as varchar) as pneed
    from prevention
    union all
    select
        case_ref,
        'relief',
        relief_start,
        relief_end,
        relief_outcome,
        relief_activity,
        relief_accom,
        relief_accom_la,
        null,
        null
    from relief
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
        pneed
    from final_duties
    where main_decision = 'accepted'
)

select * from all_duties
