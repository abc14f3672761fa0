-- One row per household member of the return's cases who has not refused that personal data be sent.
-- Key: case_ref, person_no
select
    snapshot_people.case_ref,
    snapshot_people.person_no,
    snapshot_people.forename,
    snapshot_people.surname,
    people.date_of_birth,
    people.sex,
    snapshot_people.nino,
    snapshot_people.last_address,
from snapshot_people
inner join reporting_period on snapshot_people.run_id = reporting_period.run_id
-- Staging decides who belongs to the household at the quarter's end.
inner join stg_people as people
    on snapshot_people.case_ref = people.case_ref and snapshot_people.person_no = people.person_no
semi join selected_cases on snapshot_people.case_ref = selected_cases.case_ref
where coalesce(people.personal_data_consent, true)
order by snapshot_people.case_ref, snapshot_people.person_no
