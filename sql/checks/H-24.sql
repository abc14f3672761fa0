-- Advice-only cases with a duty or a placement.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    assess1 as shown,
from cases
where
    advice_only
    and (
        coalesce(assess1 <> 'not_threatened_56', false)
        or has_prevention
        or has_relief
        or has_decision
        or case_ref in (select t.case_ref from temporary_accommodation as t)
    )
