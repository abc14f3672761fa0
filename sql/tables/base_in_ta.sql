-- One row per household with a placement open at the end of the quarter's last day, own arrangements among them.
-- Key: case_ref
with open_placements as (
    select
        placements.*,
        coalesce(list_position(setting.ta_type_order, placements.ta_type), len(setting.ta_type_order)) as type_rank
    from placements
    cross join reporting_period
    cross join setting
    where is_open_on(placements.entry_date, placements.exit_date, reporting_period.last_day)
),

-- A household with several placements counts once, under the one entered last.
counted_placements as (
    select *
    from open_placements
    qualify row_number() over (
        partition by case_ref order by entry_date desc, type_rank, placement_no desc
    ) = 1
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

open_reviews as (
    select distinct case_ref
    from review_dates
    where is_open_on_last_day
),

present_stays as (
    select
        stays.case_ref,
        stays.entry_date
    from stays
    cross join reporting_period
    where is_open_on(stays.entry_date, stays.exit_date, reporting_period.last_day)
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
        households.household_type,
        coalesce(households.ethnicity, 'nk') as ethnicity,
        members.applicant_age_at_last_day as age_at_last_day,
        households.has_children,
        bb_nights.nights as bb_nights_of_all_placements,
        reporting_period.last_day - counted.entry_date as nights_of_placement,
        reporting_period.last_day - if(
            setting.los_from = 'stay' and not counted.is_own_arrangements,
            present_stays.entry_date,
            counted.entry_date
        ) as days,
        open_reviews.case_ref is not null as has_open_review,
        placement_duties.is_duty_ended,
        reporting_period.first_day,
        reporting_period.last_day,
        setting.bb_weeks_limit_nights,
        setting.bb_all_placements_from
    from counted_placements as counted
    inner join whereabouts on counted.case_ref = whereabouts.case_ref
    cross join reporting_period
    cross join setting
    left join households on counted.case_ref = households.case_ref
    left join members on counted.case_ref = members.case_ref
    left join bb_nights on counted.case_ref = bb_nights.case_ref
    left join present_stays on counted.case_ref = present_stays.case_ref
    left join open_reviews on counted.case_ref = open_reviews.case_ref
    left join placement_duties
        on counted.case_ref = placement_duties.case_ref and counted.placement_no = placement_duties.placement_no
),

judged as (
    select
        *,
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
    age_band(age_at_last_day) as age_band,
    -- The edges are calendar months: up to six months is entered in this month or the five before.
    stay_band(months) as band,
    taduty,
    if(is_duty_ended, 'ended', taduty_group) as duty_group,
    is_out_of_district,
    out_region_code,
    is_over_bb_limit and ta_type = 'bb' and has_children as is_family_over_bb_limit,
    has_open_review
from judged
