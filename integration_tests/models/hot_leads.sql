select
    contact_id,
    score,
    next_action

from {{ ref('lead_scoring', 'lead_scores') }}

where band = 'hot'
