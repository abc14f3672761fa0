-- One row per stay and month in which the household was in temporary accommodation: every night counts once.
-- Key: case_key, stay_no, month
-- Columns:
--   case_key: pseudonym of the case
--   stay_no: number of the stay within the case
--   month: first day of the month
--   financial_year: April to March, like 2025-26
--   nights: nights in the month; while open, up to and with the quarter's last day
--   household_type: adults and children of the case
--   has_dependent_children: at least one dependent child in the case
--   is_family: a dependent child or a pregnant member (Suitability Order 2003, article 2)
with intervals as (
    select
        placements.case_ref,
        placements.entry_date,
        least(coalesce(placements.exit_date, date '9999-12-31'), reporting_period.last_day + 1) as to_date,
    from placements
    cross join reporting_period
    where not placements.is_own_arrangements
),

with_previous_end as (
    select
        *,
        max(to_date) over (
            partition by case_ref order by entry_date, to_date rows between unbounded preceding and 1 preceding
        ) as previous_end,
    from intervals
    where to_date > entry_date
),

numbered as (
    select
        *,
        sum(if(previous_end is null or entry_date > previous_end, 1, 0)) over (
            partition by case_ref order by entry_date, to_date rows between unbounded preceding and current row
        ) as span_no,
    from with_previous_end
),

-- Nights in a gap that joins two stays were not spent in temporary accommodation, so nights add up over the spans.
spans as (
    select
        case_ref,
        span_no,
        min(entry_date) as entry_date,
        max(to_date) as to_date,
    from numbered
    group by case_ref, span_no
),

with_months as (
    select
        *,
        unnest(
            generate_series(date_trunc('month', entry_date), date_trunc('month', to_date - 1), interval 1 month)
        )::date as month,
    from spans
),

nights as (
    select
        with_months.case_ref,
        stays.stay_no,
        with_months.month,
        year(with_months.month - interval 3 month) as year_of_april,
        sum(
            least(with_months.to_date, (with_months.month + interval 1 month)::date)
            - greatest(with_months.entry_date, with_months.month)
        )::integer as nights,
    from with_months
    inner join stays
        on
            with_months.case_ref = stays.case_ref
            and with_months.entry_date >= stays.entry_date
            and with_months.entry_date < coalesce(stays.exit_date, date '9999-12-31')
    group by with_months.case_ref, stays.stay_no, with_months.month
)

select
    mart_case.case_key,
    nights.stay_no,
    nights.month,
    nights.year_of_april || '-' || right((nights.year_of_april + 1)::varchar, 2) as financial_year,
    nights.nights,
    households.household_type,
    households.has_dependent_children,
    is_family(households.has_dependent_children, households.has_pregnant_member) as is_family,
from nights
inner join mart_case on nights.case_ref = mart_case.case_ref
left join households on nights.case_ref = households.case_ref
order by mart_case.case_key, nights.stay_no, nights.month
