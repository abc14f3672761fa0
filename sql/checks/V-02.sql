-- Prevention ended homeless in settled accommodation that is not the accommodation at application.
-- Key: case_ref
select
    prevention.case_ref,
    null::varchar as record_key,
    prevention.accom_pr as shown,
from prevention
inner join case_facts on prevention.case_ref = case_facts.case_ref
where
    prevention.prevention_outcome = 'homeless'
    and prevention.accom_pr in (
        'prs_self', 'prs_hmo', 'prs_lodging',
        'srs_council', 'srs_rp', 'srs_supported',
        'owner', 'tied', 'armed_forces', 'student', 'caravan'
    )
    and prevention.accom_pr <> case_facts.currentaccom
    and not (case_facts.currentaccom = 'inst_lac' and prevention.accom_pr = 'srs_supported')
