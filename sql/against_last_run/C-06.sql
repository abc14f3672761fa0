-- One row where more than the share of the open cases that a setting allows is gone: how many, of how many.
-- Key: count_gone
with counted as (
    select
        count(*) as count_gone,
        count(new_case_ref) as count_come_back,
        any_value(open_before.count_open) as count_open
    from before.gone_cases
    cross join before.open_before
)

select
    counted.count_gone,
    counted.count_come_back,
    counted.count_open
from counted
cross join setting
-- Whole numbers: a tenth has no exact binary fraction, and exactly a tenth is no error.
where counted.count_gone * 10000 > round(setting.gone_share_limit * 10000)::bigint * counted.count_open
