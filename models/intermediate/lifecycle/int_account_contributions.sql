-- What each contact and each breadth value gives to the score of an account.

with

contacts as (

    select * from {{ ref('int_account_contacts') }}

),

models as (

    select * from {{ ref('stg_account_models') }}

),

-- Shares of an average are differences of rounded running means, so they add up to the rounded mean.
contact_points as (

    select
        contacts.*,
        models.roll_up,
        models.top, -- noqa: RF04
        case models.roll_up
            when 'average'
                then
                    {{ mean_of('contacts.running_score', 'contacts.scored_contacts') }}
                    - {{ mean_of('contacts.running_score - contacts.score', 'contacts.scored_contacts') }}
            else contacts.score
        end as points

    from contacts

    inner join models on contacts.model_id = models.model_id

    where
        models.roll_up in ('sum', 'average')
        or (models.roll_up = 'max' and contacts.place = 1)
        or (models.roll_up = 'top_sum' and contacts.place <= models.top)

),

counted_values as (

    select
        as_of_date,
        model_id,
        account_id,
        breadth_value,
        count(*) as contacts,
        max(score) as best_score,
        row_number() over (
            partition by as_of_date, model_id, account_id
            order by max(score) desc, breadth_value
        ) as place

    from contacts

    where breadth_value is not null

    group by as_of_date, model_id, account_id, breadth_value

),

-- Each value adds its points until their maximum is reached.
breadth_values as (

    select
        counted_values.*,
        replace(models.breadth_attribute, '_', ' ') as label,
        {{ breadth_points('counted_values.place') }} - {{ breadth_points('(counted_values.place - 1)') }} as points
    from counted_values
    inner join models on counted_values.model_id = models.model_id

),

final as (

    select
        as_of_date,
        model_id,
        account_id,
        'contact' as kind,
        contact_id,
        {{ as_text('null') }} as breadth_value,
        1 as contacts,
        {{ as_contribution('points') }} as points,
        contact_id || case roll_up
            when 'max' then ': the highest score'
            when 'top_sum' then ': one of the ' || top || ' highest scores'
            when 'average'
                then
                    ': score ' || {{ number_text('score') }} || ', average of ' || scored_contacts
                    || case when scored_contacts = 1 then ' contact' else ' contacts' end
            else ': score'
        end || ': ' || {{ signed_text('points') }} as explanation

    from contact_points

    union all

    select
        breadth_values.as_of_date,
        breadth_values.model_id,
        breadth_values.account_id,
        'breadth' as kind,
        {{ as_text('null') }} as contact_id,
        breadth_values.breadth_value,
        breadth_values.contacts,
        {{ as_contribution('breadth_values.points') }} as points,
        breadth_values.label || ' ' || breadth_values.breadth_value || ': ' || breadth_values.contacts
        || case when breadth_values.contacts = 1 then ' contact' else ' contacts' end || ': '
        || {{ signed_text('breadth_values.points') }} as explanation

    from breadth_values

)

select * from final
