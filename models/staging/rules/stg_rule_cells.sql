{%- set files = [
    'score_models', 'event_rules', 'activity_rules', 'attribute_rules', 'rule_groups', 'score_bands', 'score_matrix', 'disqualification_rules',
    'conversion_goals', 'event_filters', 'identity_rules', 'reference_lists', 'rule_conditions', 'account_models', 'lifecycle_stages',
    'next_actions', 'published_attributes', 'rule_evidence'
] -%}
{%- if connectors() != ['files'] %}{% do files.append('event_names') %}{% endif -%}

with

final as (

    {% for file in files %}
    select
        '{{ file }}' as file,
        seed_row,
        column_name,
        cell

    from {{ cells_of(ref(var('rules_project', 'lead_scoring'), file)) }}
    {{ '' if loop.last else 'union all' }}
    {% endfor %}

)

select * from final
