with

changes as (

    select * from {{ ref('int_stage_changes') }}
    where is_lead

),

models as (

    select * from {{ ref('stg_score_models') }}

),

goals as (

    select * from {{ ref('stg_conversion_goals') }}
    where segment_attribute is not null

),

versions as (

    select * from {{ ref('int_person_versions') }}

),

attributes as (

    select * from {{ ref('int_person_attributes') }}

),

segment_attributes as (

    select distinct goals.segment_attribute
    from goals
    inner join models on goals.model_id = models.model_id

),

-- Once for all contacts, and once for each segment attribute, by its value on the date of the entry.
entered as (

    select
        changes.*,
        {{ month_text('changes.entered_on') }} as month,
        {{ as_text('null') }} as segment_attribute,
        {{ as_text('null') }} as segment
    from changes

    union all

    select
        changes.*,
        {{ month_text('changes.entered_on') }} as month,
        segment_attributes.segment_attribute,
        coalesce(attributes.value, 'missing') as segment
    from changes
    cross join segment_attributes
    inner join versions
        on
            changes.contact_id = versions.contact_id
            and coalesce(changes.entered_on >= versions.valid_from, true)
            and coalesce(changes.entered_on < versions.valid_to, true)
    left join attributes
        on
            versions.version_hash = attributes.version_hash
            and segment_attributes.segment_attribute = attributes.attribute

),

numbered as (

    select
        *,
        row_number() over (
            partition by month, stage, segment_attribute, segment, has_moved_on
            order by days_in_stage
        ) as place,
        count(*) over (partition by month, stage, segment_attribute, segment, has_moved_on) as places
    from entered

),

-- A percentile is the lowest number of days within which that share had moved on.
final as (

    select
        month,
        stage,
        {{ as_whole('position') }} as position,
        kind,
        segment_attribute,
        segment,
        {{ as_count('count(*)') }} as entered,
        {{ as_count('sum(case when has_moved_on then 1 else 0 end)') }} as moved_on,
        {{ as_amount(divided('sum(case when has_moved_on then 1 else 0 end)', 'count(*)')) }} as share,
        min(case when has_moved_on and 2 * place >= places then days_in_stage end) as median_days,
        min(case when has_moved_on and 10 * place >= 9 * places then days_in_stage end) as p90_days,
        {{ as_amount('sum(value)') }} as value

    from numbered

    group by month, stage, position, kind, segment_attribute, segment

)

select * from final
