with

final as (

    select
        'score_models' as file,
        cells.*

    from ({{ cells_of(ref('score_models')) }}) as cells

    union all

    select
        'event_rules' as file,
        cells.*

    from ({{ cells_of(ref('event_rules')) }}) as cells

    union all

    select
        'activity_rules' as file,
        cells.*

    from ({{ cells_of(ref('activity_rules')) }}) as cells

    union all

    select
        'attribute_rules' as file,
        cells.*

    from ({{ cells_of(ref('attribute_rules')) }}) as cells

    union all

    select
        'rule_groups' as file,
        cells.*

    from ({{ cells_of(ref('rule_groups')) }}) as cells

    union all

    select
        'score_bands' as file,
        cells.*

    from ({{ cells_of(ref('score_bands')) }}) as cells

    union all

    select
        'score_matrix' as file,
        cells.*

    from ({{ cells_of(ref('score_matrix')) }}) as cells

    union all

    select
        'disqualification_rules' as file,
        cells.*

    from ({{ cells_of(ref('disqualification_rules')) }}) as cells

)

select * from final
