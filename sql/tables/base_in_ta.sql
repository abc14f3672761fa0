-- One row per household with a placement open at the end of the quarter's last day, own arrangements among them.
-- Key: case_ref
with open_placements as (
    select
        placements.*,
        coalesce(list_position(setting.ta_type_order, placements.ta_type), len(setting.ta_type_order)) as type_rank
    from placements
    cross join reporting_period
    cross join setting
    where
        placements.entry_date <= reporting_period.last_day
        and (placements.exit_date is null or placements.exit_date > reporting_period.last_day)
),

-- A household with several placements counts once, under the one entered last.
counted_placements as (
    select *
    from open_placements
    qualify row_number() over (
        partition by case_ref order by entry_date desc, type_rank, placement_no desc
    ) = 1
),

counted_in_bb as (
    select case_ref from counted_placements where ta_type = 'bb'
),

whereabouts as (
    select
        case_ref,
        bool_or(is_out_of_district) as is_out_of_district,
        first(ta_region_code order by entry_date desc, type_rank, placement_no desc)
        filter (where is_out_of_district) as out_region_code
    from open_placements
    group by case_ref
),

bb_spans as (
    select
        placements.case_ref,
        placements.entry_date,
        greatest(
            least(coalesce(placements.exit_date, reporting_period.last_day), reporting_period.last_day),
            placements.entry_date
        ) as until_date
    from placements
    cross join reporting_period
    semi join counted_in_bb on placements.case_ref = counted_in_bb.case_ref
    where
        placements.ta_type = 'bb'
        and placements.entry_date <= reporting_period.last_day
),

-- Nights on which two placements overlap are one night: each span adds what lies after all earlier ones.
bb_new_nights as (
    select
        case_ref,
        greatest(
            until_date - greatest(
                entry_date,
                coalesce(
                    max(until_date) over (
                        partition by case_ref order by entry_date, until_date
                        rows between unbounded preceding and 1 preceding
                    ),
                    entry_date
                )
            ),
            0
        ) as nights
    from bb_spans
),

bb_nights as (
    select
        case_ref,
        sum(nights) as nights
    from bb_new_nights
    group by case_ref
),

open_reviews as (
    select distinct reviews.case_ref
    from reviews
    cross join reporting_period
    where
        reviews.review_requested_date <= reporting_period.last_day
        and (
            coalesce(reviews.appeal, false)
            or reviews.review_outcome_date > reporting_period.last_day
            or (reviews.review_outcome_date is null and reviews.review_outcome is null)
        )
),

cases_with_reviews as (
    select distinct case_ref from reviews
),

main_applicants as (
    select
        case_ref,
        age_at_last_day
    from ages
    where relationship = 'main_applicant'
    qualify row_number() over (partition by case_ref order by person_no) = 1
),

present_stays as (
    select
        stays.case_ref,
        stays.entry_date
    from stays
    cross join reporting_period
    where
        stays.entry_date <= reporting_period.last_day
        and (stays.exit_date is null or stays.exit_date > reporting_period.last_day)
),

main_duties as (
    select
        case_ref,
        end_date
    from duties
    where duty = 'main'
),

relief_duties as (
    select
        case_ref,
        end_date,
        outcome
    from duties
    where duty = 'relief'
),

joined as (
    select
        counted.case_ref,
        counted.placement_no,
        counted.entry_date,
        counted.taduty,
        counted.taduty_group,
        counted.is_own_arrangements,
        coalesce(counted.ta_type, 'other') as ta_type,
        whereabouts.is_out_of_district,
        coalesce(whereabouts.out_region_code, 'none') as out_region_code,
        coalesce(households.household_type, 'nk') as household_type,
        coalesce(households.ethnicity, 'nk') as ethnicity,
        main_applicants.age_at_last_day,
        coalesce(bb_nights.nights, 0) as bb_nights_of_all_placements,
        reporting_period.last_day - counted.entry_date as nights_of_placement,
        reporting_period.last_day - coalesce(
            if(
                setting.los_from = 'stay' and not counted.is_own_arrangements,
                present_stays.entry_date,
                counted.entry_date
            ),
            counted.entry_date
        ) as days,
        open_reviews.case_ref is not null as has_open_review,
        cases_with_reviews.case_ref is not null as has_review,
        households.assess_date,
        households.assess1,
        decisions.decision,
        main_duties.end_date <= reporting_period.last_day as is_main_duty_ended,
        relief_duties.end_date <= reporting_period.last_day as is_relief_ended,
        relief_duties.outcome as relief_outcome,
        reporting_period.first_day,
        reporting_period.last_day,
        setting.bb_weeks_limit_nights,
        setting.bb_all_placements_from
    from counted_placements as counted
    inner join whereabouts on counted.case_ref = whereabouts.case_ref
    cross join reporting_period
    cross join setting
    left join households on counted.case_ref = households.case_ref
    left join main_applicants on counted.case_ref = main_applicants.case_ref
    left join bb_nights on counted.case_ref = bb_nights.case_ref
    left join present_stays on counted.case_ref = present_stays.case_ref
    left join open_reviews on counted.case_ref = open_reviews.case_ref
    left join cases_with_reviews on counted.case_ref = cases_with_reviews.case_ref
    left join decisions on counted.case_ref = decisions.case_ref
    left join main_duties on counted.case_ref = main_duties.case_ref
    left join relief_duties on counted.case_ref = relief_duties.case_ref
),

-- "Duty ended" only where the duty that is named in the placement has ended; a main duty still owed never has.
judged as (
    select
        *,
        case
            when taduty_group = 's193' then coalesce(is_main_duty_ended, false)
            when taduty = 's189b_2' then coalesce(is_relief_ended, false)
            when taduty = 's188_1' and assess_date is null then false
            when taduty = 's188_1'
                then
                    assess1 in ('not_threatened_56', 'withdrew_before_assessment', 'not_eligible')
                    or coalesce(
                        decision in ('no_priority_need', 'not_homeless', 'not_eligible', 'withdrew', 'contact_lost'),
                        false
                    )
                    or (decision = 'accepted' and coalesce(is_main_duty_ended, false))
                    or (
                        decision is null
                        and coalesce(is_relief_ended, false)
                        and coalesce(relief_outcome <> 'elapsed_56', true)
                    )
            when taduty = 's188_3' then has_review and not has_open_review
            else false
        end as is_duty_ended,
        household_type in (
            'couple_children', 'single_parent_male', 'single_parent_female', 'single_parent_other',
            'three_adults_children'
        ) as has_children,
        date_diff('month', last_day - cast(days as integer), last_day) as months,
        if(first_day >= bb_all_placements_from, bb_nights_of_all_placements, nights_of_placement)
        > bb_weeks_limit_nights as is_over_bb_limit
    from joined
)

select
    case_ref,
    placement_no,
    ta_type,
    is_own_arrangements,
    entry_date,
    days,
    household_type,
    has_children,
    ethnicity,
    age_at_last_day,
    case
        when age_at_last_day >= 75 then '75_plus'
        when age_at_last_day >= 65 then '65_74'
        when age_at_last_day >= 55 then '55_64'
        when age_at_last_day >= 45 then '45_54'
        when age_at_last_day >= 35 then '35_44'
        when age_at_last_day >= 25 then '25_34'
        when age_at_last_day >= 18 then '18_24'
        when age_at_last_day >= 16 then '16_17'
        else 'nk'
    end as age_band,
    -- The edges are calendar months: up to six months is entered in this month or the five before.
    case
        when months < 6 then 'under_6_months'
        when months < 12 then '6_months_to_1_year'
        when months < 24 then '1_to_2_years'
        when months < 60 then '2_to_5_years'
        else '5_years_plus'
    end as band,
    taduty,
    if(is_duty_ended, 'ended', taduty_group) as duty_group,
    is_out_of_district,
    out_region_code,
    is_over_bb_limit and ta_type = 'bb' and has_children as is_family_over_bb_limit,
    has_open_review
from judged
