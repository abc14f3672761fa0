-- One row per review, with the day by which it was due and whether it is pending on the quarter's last day.
-- Key: case_ref, review_no
-- The weeks are those of SI 2018/223 regulation 9(1), by decision in the code list. A later day agreed in writing, or
-- that of a review by two authorities or an appointed person (ten, twelve weeks), is recorded as review_due_date.
-- A s193B notice has the weeks of the duty that it ended: of relief, where the request came when relief had so ended.
with weighed as (
    select
        reviews.*,
        coalesce(
            cast(
                if(
                    prevention.prevention_outcome = 'refused_coop'
                    and not coalesce(
                        relief.relief_outcome = 'refused_coop' and relief.relief_end <= reviews.review_requested_date,
                        false
                    ),
                    codes.review_weeks_ending_prevention,
                    codes.review_weeks
                ) as integer
            ),
            8
        ) as weeks
    from reviews
    left join one_prevention as prevention on reviews.case_ref = prevention.case_ref
    left join one_relief as relief on reviews.case_ref = relief.case_ref
    left join codelist_decision_reviewed as codes on reviews.decision_reviewed = codes.code
)

select
    weighed.case_ref,
    weighed.review_no,
    weighed.review_requested_date,
    coalesce(weighed.decision_reviewed, 'not recorded') as decision_reviewed,
    weighed.review_outcome_date,
    weighed.review_outcome,
    weighed.appeal,
    -- The weeks begin with the day of the request; three weeks with that of the representations, where some were made.
    coalesce(
        weighed.review_due_date,
        if(
            weighed.weeks = 3,
            greatest(weighed.review_requested_date, weighed.representations_received_date),
            weighed.review_requested_date
        ) + weighed.weeks * 7 - 1
    ) as due_date,
    is_review_open(
        weighed.review_requested_date,
        weighed.review_outcome_date,
        weighed.review_outcome,
        weighed.appeal,
        reporting_period.last_day
    ) as is_open_on_last_day
from weighed
cross join reporting_period
