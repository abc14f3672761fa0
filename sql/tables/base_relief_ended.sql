-- One row per household whose relief duty ended in the quarter.
-- Key: case_ref
select * exclude (duty)
from base_ended
where duty = 'relief'
