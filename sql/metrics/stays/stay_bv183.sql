-- One row per month and indicator: stays of families completed from 1 April to the month's end, ratio of days to cases.
-- Key: first_day, indicator
-- Title: Former BV183: average weeks of families in bed and breakfast (a) and hostels (b), year to date
with accepted as (
    select distinct case_ref from decisions
    where decision = 'accepted'
),

ended as (
    select
        stay_spells.to_date as day,
        stay_spells.to_date - stay_spells.from_date as days,
        accepted.case_ref is not null as is_accepted,
        codelist_ta_type.bv183 as indicator,
    from stay_spells
    inner join codelist_ta_type
        on stay_spells.value = codelist_ta_type.code and codelist_ta_type.bv183 is not null
    inner join stay_households on stay_spells.case_ref = stay_households.case_ref
    left join accepted on stay_spells.case_ref = accepted.case_ref
    where
        stay_spells.dimension = 'type'
        and stay_spells.to_date is not null
        and is_family(stay_households.has_dependent_children, stay_households.has_pregnant_member)
),

months as (
    select
        starts.month_start::date as first_day,
        least(last_day(starts.month_start)::date, metric_window.last_day) as last_day,
        make_date(year(starts.month_start - interval 3 month), 4, 1) as year_first_day,
        codelist_ta_type.bv183 as indicator,
    from metric_window
    cross join
        unnest(generate_series(metric_window.first_day, metric_window.last_day, interval 1 month))
            as starts (month_start)
    cross join codelist_ta_type
    where codelist_ta_type.bv183 is not null
),

-- A year to date is a ratio of sums, not a mean of monthly means.
year_to_date as (
    select
        months.first_day,
        months.last_day,
        months.indicator,
        count(ended.day) as count_stays,
        sum(ended.days)::bigint as days,
        sum(ended.days) / nullif(count(ended.day), 0) / 7.0 as weeks,
        count(ended.day) filter (where ended.is_accepted) as count_stays_accepted,
        sum(ended.days) filter (where ended.is_accepted)::bigint as days_accepted,
        sum(ended.days) filter (where ended.is_accepted)
        / nullif(count(ended.day) filter (where ended.is_accepted), 0) / 7.0 as weeks_accepted,
    from months
    left join ended
        on
            months.indicator = ended.indicator
            and ended.day between months.year_first_day and months.last_day
    group by months.first_day, months.last_day, months.indicator
)

select * from year_to_date
order by first_day, indicator
