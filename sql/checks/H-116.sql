-- Reviews of an ending, notice or referral that the case does not have.
-- Key: case_ref, record_key
select
    reviews.case_ref,
    'review_no=' || reviews.review_no as record_key,
    reviews.decision_reviewed as shown,
from reviews
inner join case_facts on reviews.case_ref = case_facts.case_ref
where
    (reviews.decision_reviewed = 'prevention_ended' and case_facts.prevention_end is null)
    or (reviews.decision_reviewed = 'relief_ended' and case_facts.relief_end is null)
    or (reviews.decision_reviewed = 'main_duty_ended' and case_facts.main_duty_end is null)
    or (reviews.decision_reviewed = 'duty_owed' and case_facts.assess1 is null and not case_facts.has_decision)
