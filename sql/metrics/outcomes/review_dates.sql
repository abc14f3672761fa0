-- One row per review with the day by which it was due.
-- Key: case_ref, review_no
-- SI 2018/223 reg. 9 (recalled): eight weeks; three for the plan, the ending of prevention or relief and s193B notices;
-- ten for local connection referrals. An agreed later day is recorded as review_due_date.
select
    reviews.case_ref,
    reviews.review_no,
    reviews.review_requested_date,
    coalesce(reviews.decision_reviewed, 'not recorded') as decision_reviewed,
    reviews.review_outcome_date,
    reviews.review_outcome,
    coalesce(
        reviews.review_due_date,
        reviews.review_requested_date + case
            when reviews.decision_reviewed in ('php_steps', 'prevention_ended', 'relief_ended', 's193b_notice') then 21
            when reviews.decision_reviewed = 'referral' then 70
            else 56
        end
    ) as due_date,
from reviews
