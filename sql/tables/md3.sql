-- One row per cell and household behind it.
-- Key: cell, reference
-- Dependent children take precedence; where another need was reported all the same, the cell says both.
select
    if(has_children and pneed <> 'children', 'children_but.', '') || pneed as cell,
    case_ref as reference
from base_decided
where decision = 'accepted'
