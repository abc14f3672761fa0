-- One row per difference between placements and invoices.
-- Key: kind, case_ref, placement_no, invoice_number, line_no
-- Title: Placements reconciled to invoices
-- Edition: internal
-- Only nights in the span that the invoices cover are compared. first_night and last_night are both charged.
with covered as (
    select
        min(first_night) as first_night,
        max(last_night) as last_night,
    from cost_invoice
    having count(*) > 0
),

-- A reference that several placements carry stands for all of them: what is charged must lie in one or another.
placed as (
    select
        placements.placement_ref,
        placements.case_ref,
        placements.placement_no,
        placements.entry_date,
        coalesce(placements.exit_date, date '9999-12-31') as exit_date,
    from placements
    where not placements.is_own_arrangements
),

matched as (
    select
        cost_invoice.*,
        placed.case_ref,
        placed.placement_no,
        placed.entry_date,
        placed.exit_date,
    from cost_invoice
    inner join placed on cost_invoice.placement_ref = placed.placement_ref
    qualify
        row_number() over (
            partition by cost_invoice.invoice_number, cost_invoice.line_no
            order by
                greatest(
                    least(placed.exit_date, cost_invoice.last_night + 1)
                    - greatest(placed.entry_date, cost_invoice.first_night),
                    0
                ) desc,
                placed.case_ref asc,
                placed.placement_no asc
        ) = 1
),

sequenced as (
    select
        *,
        max(last_night) over (
            partition by case_ref, placement_no order by first_night, last_night, invoice_number, line_no
            rows between unbounded preceding and 1 preceding
        ) as charged_to,
        lag(rate_pence) over (
            partition by case_ref, placement_no order by first_night, last_night, invoice_number, line_no
        ) as previous_rate_pence,
    from matched
),

not_invoiced as (
    select
        placed.*,
        greatest(
            least(placed.exit_date, covered.last_night + 1) - greatest(placed.entry_date, covered.first_night), 0
        ) as nights,
    from placed
    cross join covered
),

charged as (
    select
        case_ref,
        placement_no,
        sum(greatest(
            least(last_night + 1, exit_date)
            - greatest(first_night, entry_date, coalesce(charged_to + 1, first_night)),
            0
        )) as nights,
    from sequenced
    group by case_ref, placement_no
),

differences as (
    select
        'invoice without placement' as kind,
        cost_invoice.placement_ref,
        null::varchar as case_ref,
        null::bigint as placement_no,
        cost_invoice.invoice_number,
        cost_invoice.line_no,
        cost_invoice.last_night - cost_invoice.first_night + 1 as nights,
        cost_invoice.amount_pence as pence,
    from cost_invoice
    anti join placed on cost_invoice.placement_ref = placed.placement_ref
    union all
    select
        'placement without invoice' as kind,
        not_invoiced.placement_ref,
        not_invoiced.case_ref,
        not_invoiced.placement_no,
        null as invoice_number,
        null as line_no,
        not_invoiced.nights,
        null as pence,
    from not_invoiced
    anti join charged
        on not_invoiced.case_ref = charged.case_ref and not_invoiced.placement_no = charged.placement_no
    where not_invoiced.nights > 0
    union all
    select
        'nights not invoiced' as kind,
        not_invoiced.placement_ref,
        not_invoiced.case_ref,
        not_invoiced.placement_no,
        null as invoice_number,
        null as line_no,
        not_invoiced.nights - charged.nights as nights,
        null as pence,
    from not_invoiced
    inner join charged
        on not_invoiced.case_ref = charged.case_ref and not_invoiced.placement_no = charged.placement_no
    where not_invoiced.nights > charged.nights
    union all
    select
        'charged before entry' as kind,
        placement_ref,
        case_ref,
        placement_no,
        invoice_number,
        line_no,
        least(entry_date, last_night + 1) - first_night as nights,
        rate_pence * (least(entry_date, last_night + 1) - first_night) as pence,
    from sequenced
    where first_night < entry_date
    union all
    select
        'charged after exit' as kind,
        placement_ref,
        case_ref,
        placement_no,
        invoice_number,
        line_no,
        last_night + 1 - greatest(exit_date, first_night) as nights,
        rate_pence * (last_night + 1 - greatest(exit_date, first_night)) as pence,
    from sequenced
    where last_night >= exit_date
    union all
    select
        'nights charged twice' as kind,
        placement_ref,
        case_ref,
        placement_no,
        invoice_number,
        line_no,
        least(charged_to, last_night) - first_night + 1 as nights,
        rate_pence * (least(charged_to, last_night) - first_night + 1) as pence,
    from sequenced
    where charged_to >= first_night
    union all
    select
        'rate changed' as kind,
        placement_ref,
        case_ref,
        placement_no,
        invoice_number,
        line_no,
        last_night - first_night + 1 as nights,
        (rate_pence - previous_rate_pence) * (last_night - first_night + 1) as pence,
    from sequenced
    where rate_pence <> previous_rate_pence
    union all
    select
        'rate is not the agreed one' as kind,
        sequenced.placement_ref,
        sequenced.case_ref,
        sequenced.placement_no,
        sequenced.invoice_number,
        sequenced.line_no,
        sequenced.last_night - sequenced.first_night + 1 as nights,
        (sequenced.rate_pence - cost_nights.rate_pence) * (sequenced.last_night - sequenced.first_night + 1) as pence,
    from sequenced
    cross join cost_choice
    inner join cost_nights
        on
            sequenced.case_ref = cost_nights.case_ref
            and sequenced.placement_no = cost_nights.placement_no
            and greatest(sequenced.first_night, sequenced.entry_date) >= cost_nights.from_date
            and greatest(sequenced.first_night, sequenced.entry_date) < cost_nights.to_date
    where
        not cost_choice.is_invoices
        and cost_nights.per = 'night'
        and sequenced.rate_pence <> cost_nights.rate_pence
    union all
    select
        'amount is not nights times rate' as kind,
        cost_invoice.placement_ref,
        null as case_ref,
        null as placement_no,
        cost_invoice.invoice_number,
        cost_invoice.line_no,
        cost_invoice.last_night - cost_invoice.first_night + 1 as nights,
        cost_invoice.amount_pence
        - cost_invoice.rate_pence * (cost_invoice.last_night - cost_invoice.first_night + 1) as pence,
    from cost_invoice
    where
        cost_invoice.amount_pence
        <> cost_invoice.rate_pence * (cost_invoice.last_night - cost_invoice.first_night + 1)
),

in_pounds as (
    select
        kind,
        placement_ref,
        case_ref,
        placement_no,
        invoice_number,
        line_no,
        nights::bigint as nights,
        (pence::decimal(18, 0) * 0.01)::decimal(18, 2) as amount,
    from differences
)

select * from in_pounds
order by kind, case_ref, placement_no, invoice_number, line_no
