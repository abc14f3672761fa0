-- One row per case: what the checks across sections ask of it.
-- Key: case_ref
with household as (
    select
        case_ref,
        count(*) as count_people,
        count(*) filter (where relationship = 'main_applicant') as count_main_applicants,
        count(*) filter (where relationship = 'partner') as count_partners,
        coalesce(bool_or(coalesce(dependent, relationship = 'dependent_child')), false) as has_dependent,
        coalesce(bool_or(pregnant), false) as has_pregnant_member,
        min(age_at_assessment) filter (where relationship = 'main_applicant') as applicant_age,
        min(age_at_last_day) filter (where relationship = 'main_applicant') as applicant_age_at_last_day,
        max(age_at_last_day) as oldest_age,
        coalesce(bool_and(is_age_known), false) as is_every_age_known,
    from household_people
    group by case_ref
),

needs as (
    select
        case_ref,
        count(*) as count_support_needs,
        coalesce(bool_or(support_need = 'domestic_abuse'), false) as has_domestic_abuse_need,
    from support_needs
    group by case_ref
),

joined as (
    select
        m.case_ref,
        m.la_code,
        m.application_date,
        m.assess_date,
        m.assess1,
        m.assess1 in ('prevention_s21', 'prevention') as is_prevention_owed,
        m.assess1 = 'relief' as is_relief_owed,
        m.assess1 in ('prevention_s21', 'prevention', 'relief') as is_duty_owed,
        m.referral,
        m.eligibility,
        m.lastaccom,
        m.currentaccom,
        m.reasonloss,
        m.local_connection,
        m.employment_partner,
        m.closed_date,
        m.advice_only,
        coalesce(m.legacy, false) or coalesce(m.application_date < period.hra_begins, false) as is_legacy,
        coalesce(h.count_people, 0) as count_people,
        coalesce(h.count_main_applicants, 0) as count_main_applicants,
        coalesce(h.count_partners, 0) as count_partners,
        coalesce(h.has_dependent, false) as has_dependent,
        coalesce(h.has_pregnant_member, false) as has_pregnant_member,
        h.applicant_age,
        h.applicant_age_at_last_day,
        h.oldest_age,
        coalesce(h.is_every_age_known, false) as is_every_age_known,
        coalesce(n.count_support_needs, 0) as count_support_needs,
        coalesce(n.has_domestic_abuse_need, false) as has_domestic_abuse_need,
        p.case_ref is not null as has_prevention,
        p.prevention_start,
        p.prevention_end,
        p.prevention_outcome,
        r.case_ref is not null as has_relief,
        r.relief_start,
        r.relief_end,
        r.relief_outcome,
        f.case_ref is not null as has_decision,
        f.main_decision_date,
        f.main_decision,
        coalesce(f.main_decision = 'accepted', false) as is_accepted,
        f.main_decision_notified_date,
        f.pneed,
        f.main_duty_end,
        f.main_duty_outcome,
        coalesce(p.prevention_outcome = 'ineligible', false)
        or coalesce(r.relief_outcome = 'ineligible', false)
        or coalesce(f.main_decision = 'not_eligible', false)
        or coalesce(f.main_duty_outcome = 'ineligible', false) as is_eligibility_lost_later,
    from one_main as m
    cross join period
    left join household as h on m.case_ref = h.case_ref
    left join needs as n on m.case_ref = n.case_ref
    left join one_prevention as p on m.case_ref = p.case_ref
    left join one_relief as r on m.case_ref = r.case_ref
    left join one_final_duties as f on m.case_ref = f.case_ref
),

-- A case closes on the last of its endings when nothing follows (notes 1.6 and 2.10).
closings as (
    select
        case_ref,
        case
            when is_accepted then main_duty_end
            when has_decision then main_decision_date
            when has_relief and relief_outcome <> 'elapsed_56' then relief_end
            when has_relief then null
            when prevention_outcome in ('homeless', 'refused_accom', 'refused_coop') then null
            when has_prevention then prevention_end
            when assess1 in ('not_threatened_56', 'withdrew_before_assessment', 'not_eligible') then assess_date
        end as case_closed_date,
    from joined
)

select
    joined.*,
    closings.case_closed_date,
from joined
inner join closings on joined.case_ref = closings.case_ref
