-- One row per event of a case that has a story to tell, with the code of what came of it.
-- Key: case_ref, event_no
select
    events.case_ref,
    events.event_no,
    events.event_date,
    events.event,
    events.detail
from events
semi join story_cases on events.case_ref = story_cases.case_ref
