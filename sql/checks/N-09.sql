-- Other priority needs of households with dependent children.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    pneed as shown,
from case_facts
where has_dependent and pneed <> 'children'
