-- Partner's employment given although the household has no partner.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    employment_partner as shown,
from cases
where employment_partner is not null and count_partners = 0
