with

rule_rows as (

    select * from {{ ref('int_rule_rows') }}

),

cells as (

    select * from {{ ref('stg_rule_cells') }}

),

out_of_bounds as (

    select
        file,
        seed_row,
        'comparison' as column_name,
        'must be empty for source event, of which one event is enough' as problem
    from rule_rows
    where
        source = 'event'
        and comparison is not null

    union all

    select
        file,
        seed_row,
        'lower' as column_name,
        'must be below upper, ' || {{ number_text('upper') }} as problem
    from rule_rows
    where lower >= upper

    union all

    select
        file,
        seed_row,
        'min_points' as column_name,
        'must not be above max_points, ' || {{ number_text('max_points') }} as problem
    from rule_rows
    where min_points > max_points

    union all

    select
        file,
        seed_row,
        'min_score' as column_name,
        'must not be above max_score, ' || {{ number_text('max_score') }} as problem
    from rule_rows
    where min_score > max_score

    union all

    select
        file,
        seed_row,
        'keep_score' as column_name,
        'must not be above min_score, ' || {{ number_text('min_score') }} as problem
    from rule_rows
    where keep_score > min_score

    union all

    select
        file,
        seed_row,
        'valid_from' as column_name,
        'must be before valid_to, ' || valid_to as problem
    from rule_rows
    where valid_from >= valid_to

    union all

    select
        file,
        seed_row,
        'decay_days' as column_name,
        'must be given for decay ' || decay as problem
    from rule_rows
    where decay in ('exponential', 'linear', 'step') and decay_days is null

    union all

    select
        file,
        seed_row,
        'decay_percent' as column_name,
        'must be given for decay step' as problem
    from rule_rows
    where decay = 'step' and decay_percent is null

    union all

    select
        file,
        seed_row,
        'decay_percent' as column_name,
        'must not be above 100' as problem
    from rule_rows
    where decay_percent > 100

    union all

    select
        file,
        seed_row,
        'eligible_event_type' as column_name,
        'must be given for eligible ' || eligible as problem
    from rule_rows
    where eligible in ('event_running', 'event_open') and eligible_event_type is null

),

final as (

    select
        out_of_bounds.file,
        out_of_bounds.seed_row,
        out_of_bounds.column_name,
        cells.cell,
        out_of_bounds.problem

    from out_of_bounds

    inner join cells
        on
            out_of_bounds.file = cells.file
            and out_of_bounds.seed_row = cells.seed_row
            and out_of_bounds.column_name = cells.column_name

)

select * from final
