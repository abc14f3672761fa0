-- Other priority needs of households with dependent children.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    pneed as shown,
from cases
where has_dependent_children and pneed <> 'children'
