{#- Probability of a score on a Platt line: even odds at even_score, doubled every points_per_doubling. At most 2^20 to 1. -#}
{%- macro platt_probability(score, line) -%}
{{ divided('1', '1 + ' ~ halved_by_age(
    'greatest(least(' ~ score ~ ' - ' ~ line ~ '.even_score, 20 * ' ~ line ~ '.points_per_doubling), -20 * ' ~ line ~ '.points_per_doubling)',
    line ~ '.points_per_doubling'
)) }}
{%- endmacro -%}

{#-
    Probability of a score in a bin of int_calibration: on its Platt line, or between the middles of the pooled bins of the isotonic
    regression, so that leads with different scores differ.
-#}
{%- macro probability_at(score, bin) -%}
case
    when {{ bin }}.method = 'platt' then {{ as_amount(platt_probability(score, bin)) }}
    when {{ score }} >= {{ bin }}.middle_score and {{ bin }}.upper_score is not null
        then {{ as_amount(bin ~ '.probability + (' ~ bin ~ '.upper_probability - ' ~ bin ~ '.probability) * ' ~ divided(score ~ ' - ' ~ bin ~ '.middle_score', bin ~ '.upper_score - ' ~ bin ~ '.middle_score')) }}
    when {{ score }} < {{ bin }}.middle_score and {{ bin }}.lower_score is not null
        then {{ as_amount(bin ~ '.probability - (' ~ bin ~ '.probability - ' ~ bin ~ '.lower_probability) * ' ~ divided(bin ~ '.middle_score - ' ~ score, bin ~ '.middle_score - ' ~ bin ~ '.lower_score')) }}
    else {{ bin }}.probability
end
{%- endmacro -%}

{#- Times the least value of a line of int_value_lines, for a lead with this sum of effects; limited to what past conversions had. -#}
{%- macro value_factor(effects, line) -%}
{{ halved_by_age(
    'greatest(least(' ~ product(line ~ '.slope', '(' ~ line ~ '.least_effects - least(' ~ effects ~ ', ' ~ line ~ '.most_effects))') ~ ', 0), -30)',
    1
) }}
{%- endmacro -%}
