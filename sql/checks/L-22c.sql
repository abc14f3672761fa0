-- Priority need old age of households without a member of 60 or over on the day of the decision.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    pneed as shown,
from cases
where pneed = 'old_age' and is_every_age_known and oldest_age_at_decision < 60
