-- Rows whose sexual_orientation was retired before, or came in after, the day that counts.
-- Key: case_ref, record_key
select
    people.case_ref,
    'person_no=' || people.person_no as record_key,
    people.sexual_orientation as shown,
from people
inner join case_facts on people.case_ref = case_facts.case_ref
inner join dated_code on people.sexual_orientation = dated_code.code
where
    dated_code.list = 'sexual_orientation'
    and (case_facts.assess_date < dated_code.valid_from or case_facts.assess_date > dated_code.valid_to)
