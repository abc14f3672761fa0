-- One row per person, in the earlier run, of a case whose people are not all the same, with the name as it is compared.
-- Key: case_ref, person_no
select
    case_ref,
    person_no,
    date_of_birth,
    nullif(lower(trim(concat_ws(' ', trim(forename), trim(surname)))), '') as full_name
from before.people
