with

final as (

    select
        'score_models' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'score_models')) }}

    union all

    select
        'event_rules' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'event_rules')) }}

    union all

    select
        'activity_rules' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'activity_rules')) }}

    union all

    select
        'attribute_rules' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'attribute_rules')) }}

    union all

    select
        'rule_groups' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'rule_groups')) }}

    union all

    select
        'score_bands' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'score_bands')) }}

    union all

    select
        'score_matrix' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'score_matrix')) }}

    union all

    select
        'disqualification_rules' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'disqualification_rules')) }}

    union all

    select
        'conversion_goals' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'conversion_goals')) }}

    {% if connectors() != ['files'] %}
    union all

    select
        'event_names' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), 'event_names')) }}
    {% endif %}

)

select * from final
