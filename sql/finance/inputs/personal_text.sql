-- One row per text that is something of a person or a case of the run: names, numbers, addresses, references, staff.
-- Key: value
select lower(trim(forename)) as value,
from recorded.people
union
select lower(trim(surname)),
from recorded.people
union
select lower(trim(concat_ws(' ', forename, surname))),
from recorded.people
union
select lower(trim(nino)),
from recorded.people
union
select lower(trim(last_address)),
from recorded.people
union
select lower(trim(case_ref)),
from recorded.main
union
select lower(trim(local_ref)),
from recorded.main
union
select lower(trim(officer)),
from recorded.main
union
select lower(trim(previous_officer)),
from recorded.main
