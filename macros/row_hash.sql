{#-
    Hash of the texts of a row: the same in every engine, whatever the order of the rows. Null differs from empty text, and a separator in a text
    is escaped.
-#}
{%- macro row_hash(texts) -%}
{%- set cells = [] -%}
{%- for text in texts -%}
    {%- do cells.append("coalesce('=' || replace(replace(" ~ text ~ ", '~', '~~'), '|', '~p'), '')") -%}
{%- endfor -%}
{{ hash_of('concat(' ~ cells | join(", '|', ") ~ ')') }}
{%- endmacro -%}

{#- Key of a contact in a model, for tools outside. It is all that is left of an erased contact. -#}
{%- macro sync_key(contact_id, model_id) -%}
{{ row_hash([contact_id, model_id]) }}
{%- endmacro -%}

{#- Hash of the columns of crm_sync that a sync sends. -#}
{%- macro sync_hash(is_deleted) -%}
{%- set texts = ["'deleted'" if is_deleted else "'lead'", 'contact_id', 'merged_into'] -%}
{%- if not is_deleted -%}
    {%- set texts = texts + [
        'account_id', 'status', 'status_reason', number_text('score'), number_text('behavioural_score'), number_text('demographic_score'), 'band',
        'behavioural_band', 'demographic_band', 'grade', as_text('priority'), 'next_action', 'reason_1', 'reason_2', 'reason_3', 'stage',
        number_text('account_score'), 'account_band'
    ] -%}
{%- endif -%}
{{ row_hash(texts) }}
{%- endmacro -%}
