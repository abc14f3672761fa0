-- One row per event of a case, numbered in the order of its days.
-- Key: case_key, event_no
-- Columns:
--   case_key: pseudonym of the case
--   event_no: number of the event within the case
--   event_date: day of the event
--   event: applied, assessed, a duty started or ended, placed, left, a review requested or decided, closed
--   detail: code of the outcome, type, decision or reason; empty for the others and for the priority need
select
    mart_case.case_key,
    events.event_no,
    events.event_date,
    events.event,
    if(events.event = 'main_started', null, events.detail) as detail,
from events
inner join mart_case on events.case_ref = mart_case.case_ref
order by mart_case.case_key, events.event_no
