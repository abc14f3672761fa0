-- One row per case: the application, its main applicant and the household as People has it.
-- Key: case_ref
with main_applicants as (
    select
        people.case_ref,
        people.person_no,
        people.date_of_birth,
        people.age,
        people.sex,
        people.gender_identity,
        people.ethnicity,
        people.sexual_orientation
    from people
    where people.relationship = 'main_applicant'
    qualify row_number() over (partition by people.case_ref order by people.person_no) = 1
),

members as (
    select
        case_ref,
        count(*) filter (where is_dependent) as count_dependent_children,
        count(*) filter (
            where relationship in ('main_applicant', 'partner')
            or (not is_dependent and (age_at_last_day is null or age_at_last_day >= 16))
        ) as count_adults,
        bool_or(pregnant) as has_pregnant_member
    from ages
    group by case_ref
),

needs as (
    select
        case_ref,
        count(distinct support_need) filter (where support_need not in ('none', 'unknown')) as count_support_needs,
        bool_or(support_need = 'none') as says_none
    from support_needs
    group by case_ref
),

placed as (
    select
        case_ref,
        bool_or(taduty_group = 's193') as has_main_duty_placement,
        bool_or(taduty_group = 's193' and exit_date is null) as has_open_main_duty_placement,
        max(exit_date) filter (where taduty_group = 's193') as last_main_duty_exit
    from placements
    group by case_ref
),

-- Few columns travel through the joins; the rest of the case is added once, at the end.
joined as (
    select
        main.case_ref,
        main.assess_date,
        main.assess1,
        case
            when main.assess1 in ('prevention', 'prevention_s21') then 'prevention'
            when main.assess1 = 'relief' then 'relief'
        end as duty_at_assessment,
        coalesce(main.legacy, false)
        or coalesce(main.application_date < setting.hra_first_day, false) as is_legacy,
        coalesce(main.advice_only, false)
        and coalesce(main.assess1 = 'not_threatened_56', true)
        and prevention.case_ref is null
        and relief.case_ref is null
        and final_duties.case_ref is null
        and placed.case_ref is null as is_advice_only,
        main_applicants.sex,
        main_applicants.gender_identity,
        main_applicants.ethnicity,
        main_applicants.sexual_orientation,
        coalesce(
            year(main.assess_date) - year(main_applicants.date_of_birth)
            - if(
                (month(main.assess_date), day(main.assess_date))
                < (month(main_applicants.date_of_birth), day(main_applicants.date_of_birth)), 1, 0
            ),
            main_applicants.age
        ) as age_at_assessment,
        main_applicants.case_ref is not null as has_main_applicant,
        cast(coalesce(members.count_dependent_children, 0) as integer) as count_dependent_children,
        cast(coalesce(members.count_adults, 0) as integer) as count_adults,
        coalesce(members.has_pregnant_member, false) as has_pregnant_member,
        cast(coalesce(needs.count_support_needs, 0) as integer) as count_support_needs,
        case
            when needs.count_support_needs > 0 then 'some'
            when needs.says_none then 'none'
            else 'unknown'
        end as support_need_state,
        prevention.case_ref is not null as has_prevention,
        prevention.prevention_end,
        prevention.prevention_outcome,
        relief.case_ref is not null as has_relief,
        relief.relief_end,
        relief.relief_outcome,
        final_duties.main_decision_date,
        final_duties.main_decision,
        final_duties.main_duty_end,
        coalesce(placed.has_main_duty_placement, false) as has_main_duty_placement,
        coalesce(placed.has_open_main_duty_placement, false) as has_open_main_duty_placement,
        placed.last_main_duty_exit
    from main
    cross join setting
    left join main_applicants on main.case_ref = main_applicants.case_ref
    left join members on main.case_ref = members.case_ref
    left join needs on main.case_ref = needs.case_ref
    left join prevention on main.case_ref = prevention.case_ref
    left join relief on main.case_ref = relief.case_ref
    left join final_duties on main.case_ref = final_duties.case_ref
    left join placed on main.case_ref = placed.case_ref
),

-- The furthest step that is recorded decides; an earlier step left open by mistake does not reopen the case.
staged as (
    select
        *,
        case
            when main_decision = 'accepted' and main_duty_end is null then 'main'
            when main_decision is not null then 'closed'
            when has_relief and relief_end is null then 'relief'
            when has_relief and relief_outcome = 'elapsed_56' then 'decision'
            when has_relief then 'closed'
            when has_prevention and prevention_end is null then 'prevention'
            when has_prevention and prevention_outcome in ('homeless', 'refused_accom', 'refused_coop') then 'relief'
            when has_prevention then 'closed'
            when duty_at_assessment is not null then duty_at_assessment
            when assess1 is not null then 'no duty'
            when is_legacy and has_open_main_duty_placement then 'main'
            when is_legacy and has_main_duty_placement then 'closed'
            else 'assessment'
        end as stage
    from joined
),

closed as (
    select
        *,
        case
            when stage not in ('closed', 'no duty') then null
            when main_decision = 'accepted' then main_duty_end
            when main_decision is not null then greatest(main_decision_date, relief_end)
            when has_relief then relief_end
            when has_prevention then prevention_end
            when assess1 is not null then assess_date
            else last_main_duty_exit
        end as case_closed_date,
        case
            when not has_main_applicant then 'nk'
            when count_adults = 1 and count_dependent_children > 0
                then 'single_parent_' || if(sex in ('male', 'female'), sex, 'other')
            when count_adults = 1 then 'single_adult_' || if(sex in ('male', 'female'), sex, 'other')
            when count_adults = 2 and count_dependent_children > 0 then 'couple_children'
            when count_adults = 2 then 'couple_no_children'
            when count_dependent_children > 0 then 'three_adults_children'
            else 'three_adults_no_children'
        end as household_type
    from staged
)

select
    main.case_ref,
    main.la_code,
    main.application_date,
    main.assess_date,
    main.assess1,
    closed.duty_at_assessment,
    main.referral,
    main.referral_body,
    main.eligibility,
    main.nationality,
    main.lastaccom,
    main.currentaccom,
    main.reasonloss,
    main.reason_tenancy_end,
    main.local_connection,
    main.employment_applicant,
    main.employment_partner,
    main.benefits,
    main.php_date,
    main.officer,
    main.team,
    main.previous_officer,
    main.officer_since,
    main.first_contact_date,
    main.last_activity_date,
    main.recorded_date,
    main.assess_notified_date,
    main.closed_date,
    closed.is_advice_only,
    closed.is_legacy,
    closed.household_type,
    closed.count_dependent_children > 0 as has_dependent_children,
    closed.count_dependent_children,
    closed.count_adults,
    closed.has_pregnant_member,
    closed.sex,
    closed.gender_identity,
    closed.ethnicity,
    closed.sexual_orientation,
    closed.age_at_assessment,
    closed.support_need_state,
    closed.count_support_needs,
    closed.case_closed_date,
    closed.stage
from main
inner join closed on main.case_ref = closed.case_ref
