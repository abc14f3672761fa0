-- One row per financial year and line of RO4's homelessness block: gross and net in thousands of pounds.
-- Key: financial_year, line_no
-- Title: The lines of RO4, gross and net
-- Gross is Total Expenditure (C3), net is Net Current Expenditure (C7); a year in hand has fewer than 12 months.
-- Lines that placements do not hold come from the authority's file or stay empty. Thousands are rounded from the year's
-- pence, halves up.
with years as (
    select
        first_day,
        year(first_day)::varchar || '-' || right((year(first_day) + 1)::varchar, 2) as financial_year,
        max(count_months) as count_months,
    from cost_type_year
    group by first_day
),

type_lines as (
    select
        years.financial_year,
        cost_type_rules.ro4_line_no as line_no,
        cost_type_rules.ro4_line as line,
        -- No placement of a type in a year is a true 0.
        if(cost_type_year.ta_type is null, 0, cost_type_year.gross) as gross,
        if(cost_type_year.ta_type is null, 0, cost_type_year.net) as net,
    from years
    cross join cost_type_rules
    left join cost_type_year
        on years.first_day = cost_type_year.first_day and cost_type_rules.ta_type = cost_type_year.ta_type
),

other_names as (
    select
        years.financial_year,
        7 as line_no,
        'Temporary accommodation administration' as line,
    from years
    union all
    select
        years.financial_year,
        8 as line_no,
        if(
            years.first_day < date '2025-04-01',
            'Homeless Reduction Act: Administration, Prevention, Relief & Support',
            'Homelessness Services: Administration, Prevention, Relief & Main Duty'
        ) as line,
    from years
),

other_lines as (
    select
        other_names.financial_year,
        other_names.line_no,
        other_names.line,
        cost_ro4_other.gross,
        cost_ro4_other.gross - cost_ro4_other.income as net,
    from other_names
    left join cost_ro4_other
        on other_names.financial_year = cost_ro4_other.financial_year and other_names.line = cost_ro4_other.line
),

lines as (
    select * from type_lines
    union all
    select * from other_lines
),

totals as (
    select
        financial_year,
        9 as line_no,
        'TOTAL HOMELESSNESS' as line,
        if(count(gross) = count(*), sum(gross), null) as gross,
        if(count(net) = count(*), sum(net), null) as net,
    from lines
    group by financial_year
),

with_totals as (
    select * from lines
    union all
    select * from totals
),

in_thousands as (
    select
        with_totals.financial_year,
        with_totals.line_no,
        with_totals.line,
        years.count_months,
        round(with_totals.gross / 1000)::bigint as gross_thousands,
        round(with_totals.net / 1000)::bigint as net_thousands,
        case
            when with_totals.gross is not null and with_totals.net is not null then null
            when with_totals.line_no in (7, 8) then 'not in placements: give it in the file of other RO4 lines'
            when with_totals.line_no = 9 then 'a line above is missing'
            else 'a rate or an LHA rate is missing: see cost_missing'
        end as note,
    from with_totals
    inner join years on with_totals.financial_year = years.financial_year
)

select
    in_thousands.*,
    cost_basis.basis,
from in_thousands
cross join cost_basis
order by in_thousands.financial_year, in_thousands.line_no
