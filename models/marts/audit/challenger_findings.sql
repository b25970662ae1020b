-- Each challenger against its champion, in two lines and one per goal of the champion; and challengers without a champion.

with

models as (

    select * from {{ ref('stg_score_models') }}

),

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

topics as (

    select * from {{ ref('finding_topics') }}

),

leads as (

    select
        *,
        count(champion_score) over (partition by champion_id, challenger_id) as scored
    from {{ ref('model_comparison') }}

),

compared as (

    select
        champion_id,
        challenger_id,
        count(*) as leads,
        sum(case when champion_band is distinct from challenger_band then 1 else 0 end) as moved,
        sum(case when 10 * champion_rank <= scored and 10 * challenger_rank <= scored then 1 else 0 end) as same,
        sum(case when 10 * champion_rank <= scored then 1 else 0 end) as tenth
    from leads
    group by champion_id, challenger_id

),

challengers as (

    select
        models.model_id,
        pairs.champion_id,
        goals.goal_id,
        goals.is_main,
        models.model_id || coalesce(goals.subject_suffix, '') as subject,
        compared.leads,
        compared.moved,
        compared.same,
        compared.tenth,
        performance.conversions,
        performance.champion_roc_auc,
        performance.challenger_roc_auc,
        performance.champion_conversions_in_top_10_percent,
        performance.challenger_conversions_in_top_10_percent,
        performance.champion_roc_auc is not null and performance.challenger_roc_auc is not null as is_evaluated

    from models

    left join pairs on models.model_id = pairs.challenger_id

    left join goals on pairs.champion_id = goals.model_id
    left join compared on pairs.champion_id = compared.champion_id and pairs.challenger_id = compared.challenger_id

    left join {{ ref('challenger_performance') }} as performance
        on
            pairs.champion_id = performance.champion_id
            and pairs.challenger_id = performance.challenger_id
            and goals.goal_id is not distinct from performance.goal_id

    where models.status = 'challenger'

),

final as (

    select
        topics.place_told,
        topics.topic,
        challengers.subject,
        case when topics.topic in ('challenger: outcomes', 'challenger: no outcomes') then challengers.goal_id end as goal_id,
        {{ worded('topics.wording', {
            'leads': count_text('coalesce(challengers.leads, 0)'),
            'moved': count_text('coalesce(challengers.moved, 0)'),
            'same': count_text('coalesce(challengers.same, 0)'),
            'tenth': count_text('coalesce(challengers.tenth, 0)'),
            'conversions': count_text('coalesce(challengers.conversions, 0)'),
            'champion_auc': as_text(as_rounded('coalesce(challengers.champion_roc_auc, 0)', 3)),
            'challenger_auc': as_text(as_rounded('coalesce(challengers.challenger_roc_auc, 0)', 3)),
            'champion_top': count_text(as_whole('coalesce(challengers.champion_conversions_in_top_10_percent, 0)')),
            'challenger_top': count_text(as_whole('coalesce(challengers.challenger_conversions_in_top_10_percent, 0)')),
            'champion': "coalesce(challengers.champion_id, '')",
            'subject': 'challengers.subject'
        }) }} as finding

    from challengers

    inner join topics
        on
            (challengers.champion_id is null and topics.topic = 'challenger: no champion')
            or (challengers.leads > 0 and challengers.is_main and topics.topic in ('challenger: bands', 'challenger: best leads'))
            or (challengers.leads > 0 and challengers.is_evaluated and topics.topic = 'challenger: outcomes')
            or (challengers.leads > 0 and not challengers.is_evaluated and topics.topic = 'challenger: no outcomes')

)

select * from final
