-- Reviews of an ending, notice or referral that the case does not have.
-- Key: case_ref, record_key
select
    reviews.case_ref,
    'review_no=' || reviews.review_no as record_key,
    reviews.decision_reviewed as shown,
from reviews
inner join cases on reviews.case_ref = cases.case_ref
where
    (reviews.decision_reviewed = 'prevention_ended' and cases.prevention_end is null)
    or (reviews.decision_reviewed = 'relief_ended' and cases.relief_end is null)
    or (reviews.decision_reviewed = 'main_duty_ended' and cases.main_duty_end is null)
    or (reviews.decision_reviewed = 'duty_owed' and cases.assess1 is null and not cases.has_decision)
