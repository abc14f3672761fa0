-- One row per person whose personal data may be sent.
-- Key: cell, reference
select
    'consent' as cell,
    case_ref || '#' || person_no as reference
from people
where coalesce(personal_data_consent, true)
