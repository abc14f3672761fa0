-- Victims of domestic abuse found without priority need.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    reasonloss as shown,
from cases
where main_decision = 'no_priority_need' and is_domestic_abuse_victim
