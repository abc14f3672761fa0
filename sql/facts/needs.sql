-- One row per case with a row of support needs: how many, and what the rows say together.
-- Key: case_ref
select
    support_needs.case_ref,
    count(*) as count_rows,
    count(distinct support_needs.support_need) filter (where codes.is_need is not null) as count_support_needs,
    case
        when bool_or(codes.is_need is not null) then 'some'
        when bool_or(support_needs.support_need = 'none') then 'none'
        else 'unknown'
    end as support_need_state,
    bool_or(codes.is_domestic_abuse_victim is not null) as has_domestic_abuse_victim_need
from support_needs
left join codelist_support_need as codes on support_needs.support_need = codes.code
group by support_needs.case_ref
