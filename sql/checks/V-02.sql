-- Prevention ended homeless in settled accommodation that is not the accommodation at application.
-- Key: case_ref
select
    prevention.case_ref,
    null::varchar as record_key,
    prevention.accom_pr as shown,
from prevention
inner join cases on prevention.case_ref = cases.case_ref
inner join codelist_accommodation on prevention.accom_pr = codelist_accommodation.code
where
    cases.prevention_goes_on_to = 'relief'
    and codelist_accommodation.is_settled is not null
    and prevention.accom_pr <> cases.currentaccom
    and not (cases.currentaccom = 'inst_lac' and prevention.accom_pr = 'srs_supported')
