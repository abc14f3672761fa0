-- One row per case: what it is, where it stands and when it was closed.
-- Key: case_ref
with placed as (
    select
        case_ref,
        bool_or(taduty_group = 's193') as has_main_duty_placement,
        bool_or(taduty_group = 's193' and exit_date is null) as has_open_main_duty_placement,
        max(exit_date) filter (where taduty_group = 's193') as last_main_duty_exit
    from placements
    group by case_ref
),

next_steps as (
    select
        case_ref,
        any_value(next_step) filter (where duty = 'prevention') as step_after_prevention,
        any_value(next_step) filter (where duty = 'relief') as step_after_relief
    from duties
    group by case_ref
),

joined as (
    select
        m.case_ref,
        m.la_code,
        m.application_date,
        m.assess_date,
        m.assess1,
        assessed.duty as duty_at_assessment,
        if(m.assess1 is null, null, coalesce(assessed.duty = 'prevention', false)) as is_prevention_owed,
        if(m.assess1 is null, null, coalesce(assessed.duty = 'relief', false)) as is_relief_owed,
        if(m.assess1 is null, null, assessed.duty is not null) as is_duty_owed,
        coalesce(m.eligibility = 'ineligible', false) or assessed.is_ineligible is not null as is_ineligible,
        m.referral,
        m.eligibility,
        m.lastaccom,
        m.currentaccom,
        m.reasonloss,
        losses.is_domestic_abuse_victim is not null as is_domestic_abuse_victim,
        m.local_connection,
        connections.is_here is not null as has_local_connection_here,
        m.employment_partner,
        m.closed_date,
        m.advice_only,
        coalesce(m.legacy, false) or coalesce(m.application_date < setting.hra_first_day, false) as is_legacy,
        coalesce(m.advice_only, false)
        and coalesce(m.assess1 = 'not_threatened_56', true)
        and p.case_ref is null
        and r.case_ref is null
        and f.case_ref is null
        and placed.case_ref is null as is_advice_only,
        p.case_ref is not null as has_prevention,
        p.prevention_start,
        p.prevention_end,
        p.prevention_outcome,
        prevention_endings.goes_on_to as prevention_goes_on_to,
        prevention_endings.may_go_on_to as prevention_may_go_on_to,
        r.case_ref is not null as has_relief,
        r.relief_start,
        r.relief_end,
        r.relief_outcome,
        relief_endings.goes_on_to as relief_goes_on_to,
        relief_endings.may_go_on_to as relief_may_go_on_to,
        f.case_ref is not null as has_decision,
        f.main_decision_date,
        f.main_decision,
        coalesce(f.main_decision = 'accepted', false) as is_accepted,
        coalesce(r.relief_outcome = 'local_connection', false)
        or coalesce(f.main_decision = 'local_connection', false) as is_referred_on,
        f.main_decision_notified_date,
        f.pneed,
        f.main_duty_end,
        f.main_duty_outcome,
        coalesce(
            prevention_endings.ends_eligibility,
            relief_endings.ends_eligibility,
            decisions_made.ends_eligibility,
            main_endings.ends_eligibility
        ) is not null as is_eligibility_lost_later,
        next_steps.step_after_prevention,
        next_steps.step_after_relief,
        coalesce(placed.has_main_duty_placement, false) as has_main_duty_placement,
        coalesce(placed.has_open_main_duty_placement, false) as has_open_main_duty_placement,
        placed.last_main_duty_exit
    from one_main as m
    cross join setting
    left join one_prevention as p on m.case_ref = p.case_ref
    left join one_relief as r on m.case_ref = r.case_ref
    left join one_final_duties as f on m.case_ref = f.case_ref
    left join next_steps on m.case_ref = next_steps.case_ref
    left join placed on m.case_ref = placed.case_ref
    left join codelist_assess1 as assessed on m.assess1 = assessed.code
    left join codelist_reasonloss as losses on m.reasonloss = losses.code
    left join codelist_local_connection as connections on m.local_connection = connections.code
    left join codelist_prevention_outcome as prevention_endings on p.prevention_outcome = prevention_endings.code
    left join codelist_relief_outcome as relief_endings on r.relief_outcome = relief_endings.code
    left join codelist_main_decision as decisions_made on f.main_decision = decisions_made.code
    left join codelist_main_duty_outcome as main_endings on f.main_duty_outcome = main_endings.code
),

-- The furthest step that is recorded decides; an earlier step left open by mistake does not reopen the case.
staged as (
    select
        *,
        case
            when is_accepted and main_duty_end is null then 'main'
            when main_decision is not null then 'closed'
            when has_relief and relief_end is null then 'relief'
            when has_relief then step_after_relief
            when has_prevention and prevention_end is null then 'prevention'
            when has_prevention then step_after_prevention
            when duty_at_assessment is not null then duty_at_assessment
            when assess1 is not null then 'no duty'
            when is_legacy and has_open_main_duty_placement then 'main'
            when is_legacy and has_main_duty_placement then 'closed'
            else 'assessment'
        end as stage
    from joined
),

-- A case closes on the last of its endings when nothing follows (hclic-spec 1.6 and 2.10): a decision against the main
-- duty, made while relief goes on, leaves relief owed until its own end (Housing Act 1996 s189B).
closed as (
    select
        *,
        case
            when stage not in ('closed', 'no duty') then null
            when is_accepted then main_duty_end
            when main_decision is not null then greatest(main_decision_date, relief_end)
            when has_relief then relief_end
            when has_prevention then prevention_end
            when assess1 is not null then assess_date
            else last_main_duty_exit
        end as case_closed_date
    from staged
)

select
    closed.* exclude (step_after_prevention, step_after_relief),
    cast(coalesce(members.count_people, 0) as integer) as count_people,
    cast(coalesce(members.count_main_applicants, 0) as integer) as count_main_applicants,
    cast(coalesce(members.count_partners, 0) as integer) as count_partners,
    cast(coalesce(members.count_dependent_children, 0) as integer) as count_dependent_children,
    cast(coalesce(members.count_adults, 0) as integer) as count_adults,
    coalesce(members.has_dependent_children, false) as has_dependent_children,
    coalesce(members.has_or_had_dependent_children, false) as has_or_had_dependent_children,
    coalesce(members.has_pregnant_member, false) as has_pregnant_member,
    coalesce(members.household_type, 'nk') as household_type,
    coalesce(members.has_dependent_children and members.household_type <> 'nk', false) as has_children,
    members.applicant_no,
    members.applicant_age_at_assessment,
    members.applicant_age_at_decision,
    members.applicant_age_at_last_day,
    members.oldest_age_at_decision,
    coalesce(members.is_every_age_known, false) as is_every_age_known,
    cast(coalesce(needs.count_rows, 0) as integer) as count_need_rows,
    cast(coalesce(needs.count_support_needs, 0) as integer) as count_support_needs,
    coalesce(needs.support_need_state, 'unknown') as support_need_state,
    coalesce(needs.has_domestic_abuse_victim_need, false) as has_domestic_abuse_victim_need
from closed
left join members on closed.case_ref = members.case_ref
left join needs on closed.case_ref = needs.case_ref
