-- Rows whose sexual_orientation was retired before, or came in after, the day that counts.
-- Key: case_ref, record_key
select
    people.case_ref,
    'person_no=' || people.person_no as record_key,
    people.sexual_orientation as shown,
from people
inner join cases on people.case_ref = cases.case_ref
inner join codelist_sexual_orientation as dated on people.sexual_orientation = dated.code
where cases.assess_date < dated.valid_from or cases.assess_date > dated.valid_to
