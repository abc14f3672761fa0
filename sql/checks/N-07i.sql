-- Rows whose prevention_outcome was retired before, or came in after, the day that counts.
-- Key: case_ref
select
    prevention.case_ref,
    null::varchar as record_key,
    prevention.prevention_outcome as shown,
from prevention
inner join case_facts on prevention.case_ref = case_facts.case_ref
inner join dated_code on prevention.prevention_outcome = dated_code.code
where
    dated_code.list = 'prevention_outcome'
    and (case_facts.assess_date < dated_code.valid_from or case_facts.assess_date > dated_code.valid_to)
