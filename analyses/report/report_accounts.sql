-- The first 25 accounts of each active model.

with

models as (

    select distinct model_id from {{ ref('lead_scores') }}
    where model_status = 'active'

),

accounts as (

    select
        account_scores.*,
        row_number() over (
            partition by account_scores.model_id
            order by account_scores.rank_in_model asc, account_scores.account_id asc
        ) as place,
        count(*) over (partition by account_scores.model_id) as scored_accounts

    from {{ ref('account_scores') }} as account_scores

    inner join models on account_scores.model_id = models.model_id

    where account_scores.score is not null

),

final as (

    select
        model_id,
        place,
        scored_accounts,
        account_id,
        account_name,
        score,
        band,
        contacts,
        contacts_by_band,
        best_contact_1,
        best_contact_2,
        best_contact_3

    from accounts

    where place <= 25

)

select * from final
order by
    model_id,
    place
