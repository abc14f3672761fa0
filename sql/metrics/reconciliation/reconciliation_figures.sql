-- One row per subject, quarter and line: the steps that lead from one figure to another that looks like it.
-- Key: subject, first_day, line_no
-- Title: Why figures that look alike differ, step by step
-- The first and the last line of a subject are figures, the others steps: the first and all steps make the last.
with last_month as (
    select
        metric_window.last_day,
        date_trunc('month', metric_window.last_day)::date as first_of_month,
        date_trunc('quarter', metric_window.last_day)::date as first_of_quarter,
    from metric_window
),

-- MHCLG's tables are of the quarter's last day.
official_day as (
    select last_month.*
    from last_month
    inner join reporting_period on last_month.last_day = reporting_period.last_day
),

in_ta as (
    select distinct stays.case_ref
    from stays
    inner join official_day on is_open_on(stays.entry_date, stays.exit_date, official_day.last_day)
),

-- As base_in_ta has it, each household under the placement entered last.
counted_as as (
    select
        base.case_ref,
        base.is_own_arrangements,
        base.is_out_of_district,
        selected_cases.case_ref is not null as is_in_return,
        in_ta.case_ref is not null as is_in_ta,
    from reconciliation_base as base
    left join sent.selected_cases on base.case_ref = selected_cases.case_ref
    left join in_ta on base.case_ref = in_ta.case_ref
),

in_ta_summed as (
    select
        count(*) filter (where is_in_ta and is_own_arrangements) as own_entered_last,
        count(*) filter (where not is_in_ta and not is_own_arrangements) as without_stay,
        count(*) filter (where not is_own_arrangements and not is_in_return) as not_in_return,
        count(*) filter (where not is_own_arrangements and is_in_return) as ta1,
        count(*) filter (where is_out_of_district and not is_in_return) as outside_not_in_return,
        count(*) filter (where is_out_of_district and is_in_return) as ta1_outside,
    from counted_as
),

stock as (
    select
        coalesce(sum(stock_month.stock) filter (where stock_month.dimension = 'all'), 0) as households,
        coalesce(sum(stock_month.stock) filter (where stock_month.value = 'out of district'), 0) as outside,
    from stock_month
    inner join last_month on stock_month.first_day = last_month.first_of_month
    where stock_month.dimension in ('all', 'out_of_district')
),

placed_outside as (
    select
        coalesce(sum(stay_out_of_district.count_households), 0) as households,
        coalesce(sum(stay_out_of_district.count_own_arrangements), 0) as own_arrangements,
    from stay_out_of_district
    inner join last_month on stay_out_of_district.first_day = last_month.first_of_month
),

waiting as (
    select
        case_spells.stage,
        coalesce(last_month.last_day >= relief.start_date + 56, false) as is_past_day_56,
        count(*) as count_cases,
    from case_spells
    inner join last_month
        on
            case_spells.from_date <= last_month.last_day
            and (case_spells.to_date is null or case_spells.to_date > last_month.last_day)
    left join duties as relief on case_spells.case_ref = relief.case_ref and relief.duty = 'relief'
    where case_spells.stage in ('relief', 'decision')
    group by all
),

waiting_summed as (
    select
        coalesce(sum(count_cases) filter (where is_past_day_56), 0) as past_day_56,
        coalesce(sum(count_cases) filter (where is_past_day_56 and stage = 'relief'), 0) as relief_goes_on,
        coalesce(sum(count_cases) filter (where not is_past_day_56 and stage = 'decision'), 0) as not_past,
        coalesce(sum(count_cases) filter (where stage = 'decision'), 0) as stage_decision,
    from waiting
),

approaches as (
    select
        date_trunc('quarter', foi_month.first_day)::date as first_day,
        sum(foi_month.value) as households,
    from foi_month
    where foi_month.item_no = 1
    group by date_trunc('quarter', foi_month.first_day)
),

lines as (
    select
        'waiting for a main duty decision' as subject,
        last_month.first_of_quarter as first_day,
        unnest([1, 2, 3, 4]) as line_no,
        unnest([
            'Past day 56 of relief without a main duty decision',
            'of them still owed the relief duty, which has not been ended',
            'relief has ended, and day 56 is not past',
            'Stage "Relief ended, decision to come"'
        ]) as line,
        unnest([
            waiting_summed.past_day_56,
            -waiting_summed.relief_goes_on,
            waiting_summed.not_past,
            waiting_summed.stage_decision
        ]) as households,
        unnest(['case_watch_month', null, null, 'case_open_month']) as stands_in,
    from waiting_summed
    cross join last_month
    union all
    select
        'in temporary accommodation' as subject,
        official_day.first_of_quarter as first_day,
        unnest([1, 2, 3, 4, 5]) as line_no,
        unnest([
            'In temporary accommodation on the last day',
            'of them with own arrangements entered last: in table TA1 "Duty owed, no accommodation secured"',
            'with an open placement that no stay was made of',
            'of them in no case of the return',
            'Table TA1: Total number of households in TA'
        ]) as line,
        unnest([
            stock.households,
            -in_ta_summed.own_entered_last,
            in_ta_summed.without_stay,
            -in_ta_summed.not_in_return,
            in_ta_summed.ta1
        ]) as households,
        unnest(['stock_month', null, null, null, 'official']) as stands_in,
    from in_ta_summed
    cross join stock
    cross join official_day
    union all
    select
        'in temporary accommodation out of district' as subject,
        official_day.first_of_quarter as first_day,
        unnest([1, 2, 3, 4]) as line_no,
        unnest([
            'In temporary accommodation in another district on the last day',
            'with own arrangements there, which tables TA1 and TA9 count',
            'of them in no case of the return',
            'Table TA1: In TA in another local authority district'
        ]) as line,
        unnest([
            stock.outside,
            placed_outside.own_arrangements,
            -in_ta_summed.outside_not_in_return,
            in_ta_summed.ta1_outside
        ]) as households,
        unnest(['stock_month', 'stay_out_of_district', null, 'official']) as stands_in,
    from in_ta_summed
    cross join stock
    cross join placed_outside
    cross join official_day
    union all
    select
        'applications' as subject,
        case_arrivals_quarter.first_day,
        unnest([1, 2, 3]) as line_no,
        unnest([
            'Applications',
            'approaches for advice only, which are no applications',
            'Approaches (freedom of information item 1)'
        ]) as line,
        unnest([case_arrivals_quarter.applications, case_arrivals_quarter.advice_only, approaches.households])
            as households,
        unnest(['case_arrivals_quarter', 'case_arrivals_quarter', 'foi_month']) as stands_in,
    from case_arrivals_quarter
    inner join approaches on case_arrivals_quarter.first_day = approaches.first_day
    where case_arrivals_quarter.applications is not null
)

select
    subject,
    first_day,
    line_no,
    line,
    households::bigint as households,
    stands_in,
from lines
order by subject, first_day, line_no
