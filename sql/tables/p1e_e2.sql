-- One row per cell and household behind it.
-- Key: cell, reference
select
    if(
        base_decided.pneed = 'children',
        'children.'
        || if(
            households.count_dependent_children = 0,
            'nk',
            cast(least(households.count_dependent_children, 3) as varchar)
        ),
        base_decided.pneed
    ) as cell,
    base_decided.case_ref as reference
from base_decided
inner join households on base_decided.case_ref = households.case_ref
where base_decided.decision = 'accepted'
