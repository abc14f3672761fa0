-- One row per placement and month in which it has nights: what is paid for, so a split household counts twice.
-- Key: case_key, placement_no, month
-- Columns:
--   case_key: pseudonym of the case
--   placement_no: number of the placement within the case
--   month: first day of the month
--   financial_year: April to March, like 2025-26
--   nights: nights in the month; while open, up to and with the quarter's last day; own arrangements are left out
--   ta_type: type of temporary accommodation (code list ta_type)
--   ta_type_label: the same in words
--   cost_centre: cost centre recorded on the placement; withheld where few cases share the text
--   landlord_key: pseudonym of the landlord or provider
--   site_key: pseudonym of the building or scheme
--   site_name: its name; withheld where few cases share the text and it is not confirmed
--   is_out_of_district: in another district than the authority's
--   rate: charge recorded on the placement, £ a night
--   charge: nights x rate in £; empty where no rate is recorded. With a rates file see costs_by_month
--   household_type: adults and children of the case
--   has_dependent_children: at least one dependent child in the case
--   is_family: a dependent child or a pregnant member (Suitability Order 2003, article 2)
with placed as (
    select
        placements.*,
        least(coalesce(placements.exit_date, date '9999-12-31'), reporting_period.last_day + 1) as to_date,
    from placements
    cross join reporting_period
    where not placements.is_own_arrangements
),

with_months as (
    select
        *,
        unnest(
            generate_series(date_trunc('month', entry_date), date_trunc('month', to_date - 1), interval 1 month)
        )::date as month,
    from placed
    where to_date > entry_date
),

nights as (
    select
        *,
        (least(to_date, (month + interval 1 month)::date) - greatest(entry_date, month))::integer as nights,
        year(month - interval 3 month) as year_of_april,
    from with_months
)

select
    mart_case.case_key,
    nights.placement_no,
    nights.month,
    nights.year_of_april || '-' || right((nights.year_of_april + 1)::varchar, 2) as financial_year,
    nights.nights,
    nights.ta_type,
    codelist_ta_type.label as ta_type_label,
    if(nights.cost_centre is null, null, coalesce(shown_centre.value, 'withheld')) as cost_centre,
    mart_landlord.landlord_key,
    mart_site.site_key,
    if(nights.site is null, null, coalesce(shown_site.value, 'withheld')) as site_name,
    nights.is_out_of_district,
    nights.rate,
    (nights.nights * round(nights.rate * 100)::bigint)::decimal(18, 0) * 0.01 as charge,
    households.household_type,
    households.has_dependent_children,
    is_family(households.has_dependent_children, households.has_pregnant_member) as is_family,
from nights
inner join mart_case on nights.case_ref = mart_case.case_ref
left join households on nights.case_ref = households.case_ref
left join mart_landlord on nights.landlord = mart_landlord.landlord
left join mart_site on nights.site = mart_site.site
left join mart_shown_text as shown_site on shown_site.field = 'site' and nights.site = shown_site.value
left join mart_shown_text as shown_centre
    on shown_centre.field = 'cost_centre' and nights.cost_centre = shown_centre.value
left join codelist_ta_type on nights.ta_type = codelist_ta_type.code
order by mart_case.case_key, nights.placement_no, nights.month
