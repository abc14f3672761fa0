-- Rows whose relief_outcome was retired before, or came in after, the day that counts.
-- Key: case_ref
select
    relief.case_ref,
    null::varchar as record_key,
    relief.relief_outcome as shown,
from relief
inner join case_facts on relief.case_ref = case_facts.case_ref
inner join dated_code on relief.relief_outcome = dated_code.code
where
    dated_code.list = 'relief_outcome'
    and (case_facts.assess_date < dated_code.valid_from or case_facts.assess_date > dated_code.valid_to)
