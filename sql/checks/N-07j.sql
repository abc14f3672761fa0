-- Rows whose accom_pr was retired before, or came in after, the day that counts.
-- Key: case_ref
select
    prevention.case_ref,
    null::varchar as record_key,
    prevention.accom_pr as shown,
from prevention
inner join cases on prevention.case_ref = cases.case_ref
inner join codelist_accommodation as dated on prevention.accom_pr = dated.code
where cases.assess_date < dated.valid_from or cases.assess_date > dated.valid_to
