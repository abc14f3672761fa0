-- Rows whose prevention_outcome was retired before, or came in after, the day that counts.
-- Key: case_ref
select
    prevention.case_ref,
    null::varchar as record_key,
    prevention.prevention_outcome as shown,
from prevention
inner join cases on prevention.case_ref = cases.case_ref
inner join codelist_prevention_outcome as dated on prevention.prevention_outcome = dated.code
where cases.assess_date < dated.valid_from or cases.assess_date > dated.valid_to
