-- One row per case that has a story to tell: where it stands.
-- Key: case_ref
select
    cases.case_ref,
    cases.stage
from cases
semi join story_cases on cases.case_ref = story_cases.case_ref
