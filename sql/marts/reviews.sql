-- One row per review requested.
-- Key: case_ref, review_no
select * from stg_reviews
