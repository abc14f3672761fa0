-- One row per month, type and cost centre: placement nights and their cost, from rates and invoices.
-- Key: month, ta_type, cost_centre
-- Columns:
--   month: first day of the month
--   financial_year: April to March, like 2025-26
--   ta_type: type of temporary accommodation (code list ta_type)
--   ta_type_label: the same in words
--   cost_centre: of the rates file, else of the placement; withheld where few cases share the text
--   placement_nights: nights that are paid for
--   nights_without_rate: nights of them for which no rate is known
--   gross: £; empty as soon as one night has no rate
--   recoverable: £ that housing benefit subsidy can pay back at most; empty as soon as one night's cap is not known
--   net: £, gross less recoverable; empty where either is
--   gross_known: £ of the nights with a rate
--   recoverable_known: £ of the nights whose cap is known
--   basis: what the amounts rest on: rates of the export, or of the file that the run was given
with shown as (
    select value,
    from mart_shown_text
    where field = 'cost_centre'
    union
    select cost_centre,
    from cost_rate
    where cost_centre is not null
    union
    select 'not recorded',
),

summed as (
    select
        cost_month.first_day as month,
        cost_month.ta_type,
        coalesce(shown.value, 'withheld') as cost_centre,
        sum(cost_month.placement_nights)::bigint as placement_nights,
        sum(cost_month.nights_without_rate)::bigint as nights_without_rate,
        sum(cost_month.nights_without_recoverable)::bigint as nights_without_recoverable,
        sum(cost_month.gross_known)::decimal(18, 2) as gross_known,
        sum(cost_month.recoverable_known)::decimal(18, 2) as recoverable_known,
    from cost_month
    left join shown on cost_month.cost_centre = shown.value
    group by all
)

select
    summed.month,
    year(summed.month - interval 3 month) || '-' || right((year(summed.month - interval 3 month) + 1)::varchar, 2)
        as financial_year,
    summed.ta_type,
    codelist_ta_type.label as ta_type_label,
    summed.cost_centre,
    summed.placement_nights,
    summed.nights_without_rate,
    if(summed.nights_without_rate = 0, summed.gross_known, null) as gross,
    if(summed.nights_without_recoverable = 0, summed.recoverable_known, null) as recoverable,
    if(
        summed.nights_without_rate = 0 and summed.nights_without_recoverable = 0,
        summed.gross_known - summed.recoverable_known,
        null
    ) as net,
    summed.gross_known,
    summed.recoverable_known,
    cost_basis.basis,
from summed
cross join cost_basis
left join codelist_ta_type on summed.ta_type = codelist_ta_type.code
order by summed.month, summed.ta_type, summed.cost_centre
