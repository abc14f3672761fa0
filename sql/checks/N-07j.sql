-- Rows whose accom_pr was retired before, or came in after, the day that counts.
-- Key: case_ref
select
    prevention.case_ref,
    null::varchar as record_key,
    prevention.accom_pr as shown,
from prevention
inner join case_facts on prevention.case_ref = case_facts.case_ref
inner join dated_code on prevention.accom_pr = dated_code.code
where
    dated_code.list = 'accommodation'
    and (case_facts.assess_date < dated_code.valid_from or case_facts.assess_date > dated_code.valid_to)
