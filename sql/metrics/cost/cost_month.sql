-- One row per month, type and cost centre: placement nights and their cost in pounds.
-- Key: first_day, ta_type, cost_centre
-- Title: Cost of temporary accommodation each month by type and cost centre, gross, recoverable and net
-- An amount is empty as soon as one night of it has no rate; the _known columns hold what could be worked out.
with summed as (
    select
        first_day,
        ta_type,
        cost_centre,
        sum(nights)::bigint as placement_nights,
        coalesce(sum(nights) filter (where gross_pence is null), 0)::bigint as nights_without_rate,
        coalesce(sum(nights) filter (where recoverable_pence is null), 0)::bigint as nights_without_recoverable,
        coalesce(sum(gross_pence), 0)::bigint as gross_pence,
        coalesce(sum(recoverable_pence), 0)::bigint as recoverable_pence,
    from cost_charges
    group by first_day, ta_type, cost_centre
),

in_pounds as (
    select
        first_day,
        ta_type,
        cost_centre,
        placement_nights,
        nights_without_rate,
        nights_without_recoverable,
        if(nights_without_rate = 0, gross_pence::decimal(18, 0) * 0.01, null)::decimal(18, 2) as gross,
        if(nights_without_recoverable = 0, recoverable_pence::decimal(18, 0) * 0.01, null)::decimal(18, 2)
            as recoverable,
        if(
            nights_without_rate = 0 and nights_without_recoverable = 0,
            (gross_pence - recoverable_pence)::decimal(18, 0) * 0.01,
            null
        )::decimal(18, 2) as net,
        (gross_pence::decimal(18, 0) * 0.01)::decimal(18, 2) as gross_known,
        (recoverable_pence::decimal(18, 0) * 0.01)::decimal(18, 2) as recoverable_known,
    from summed
)

select
    in_pounds.*,
    cost_basis.basis,
from in_pounds
cross join cost_basis
order by in_pounds.first_day, in_pounds.ta_type, in_pounds.cost_centre
