-- One row per household member of the return's cases who has not refused that personal data be sent.
-- Key: case_ref, person_no
select
    as_recorded.case_ref,
    as_recorded.person_no,
    as_recorded.forename,
    as_recorded.surname,
    people.date_of_birth,
    people.sex,
    as_recorded.nino,
    as_recorded.last_address,
from recorded.people as as_recorded
-- Who belongs to the household at the quarter's end is decided as sent; names stand in what was recorded only.
inner join people on as_recorded.case_ref = people.case_ref and as_recorded.person_no = people.person_no
where coalesce(people.personal_data_consent, true)
order by as_recorded.case_ref, as_recorded.person_no
