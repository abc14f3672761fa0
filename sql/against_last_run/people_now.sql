-- One row per person of a case that is new or whose people are not all the same, with the name as it is compared.
-- Key: case_ref, person_no
select
    case_ref,
    person_no,
    date_of_birth,
    nullif(lower(trim(concat_ws(' ', trim(forename), trim(surname)))), '') as full_name
from people
where
    case_ref in (select known_people.case_ref from before.known_people)
    or case_ref not in (select main_before.case_ref from before.main as main_before)
