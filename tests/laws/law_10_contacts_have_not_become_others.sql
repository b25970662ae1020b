{{ config(tags=['law']) }}

-- Contacts of the last build whose ids are in no row now, although as many rows may be there: a tool has written 1.0 for 1.
-- --allow-lost-rows (LEAD_SCORING_ALLOW_LOST_ROWS=yes) allows it.

select
    contacts_missing,
    contacts_before

from {{ ref('int_missing_contacts') }}

where
    '{{ setting("allow_lost_rows") }}' <> 'yes'
    and 100 * contacts_missing > {{ setting('max_lost_percent') }} * contacts_before
