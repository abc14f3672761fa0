-- Priority need for a child or a pregnancy that the household does not have.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    pneed as shown,
from cases
where
    count_people > 0
    and (
        (pneed = 'children' and not has_or_had_dependent_children)
        or (pneed = 'pregnant' and not has_pregnant_member)
    )
