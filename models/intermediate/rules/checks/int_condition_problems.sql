with

conditions as (

    select * from {{ ref('int_rule_conditions') }}

),

contact_columns as (

    select * from {{ ref('stg_raw_columns') }}
    where
        table_name = 'contacts'
        and column_name not in ('contact_id', 'created_at', 'updated_at')

),

judged as (

    select
        *,
        case
            when subject is null and comparison is not null then 'must be given, as ' || comparison_column || ' is'
            when
                subject_column = 'audience_attribute'
                and subject is not null
                and lower(subject) not in (select contact_columns.column_name from contact_columns)
                then 'must be an attribute of raw.contacts'
        end as subject_problem,
        case
            when subject is not null and comparison is null then 'must be given, as ' || subject_column || ' is'
            when comparison is null and operand is not null then 'must be given, as ' || operand_column || ' is'
        end as comparison_problem,
        case
            when comparison is null or comparison in ('is_missing', 'is_present') then null
            when operand is null then 'must be given for ' || comparison
            when comparison in ('less_than', 'at_least') and {{ read_amount('operand') }} is null then 'must be a number for ' || comparison
            when comparison = 'matches' and not {{ is_pattern('operand') }} then 'must be a regular expression that compiles'
            when
                comparison = 'between'
                and (
                    {{ list_item('operand', 3) }} is not null
                    or coalesce(not ({{ read_amount(list_item('operand', 1)) }} <= {{ read_amount(list_item('operand', 2)) }}), true)
                )
                then 'must be low|high for between, two numbers'
        end as operand_problem

    from conditions

),

final as (

    select
        file,
        seed_row,
        subject_column as column_name,
        subject as cell,
        subject_problem as problem
    from judged
    where subject_problem is not null

    union all

    select
        file,
        seed_row,
        comparison_column as column_name,
        comparison as cell,
        comparison_problem as problem
    from judged
    where comparison_problem is not null

    union all

    select
        file,
        seed_row,
        operand_column as column_name,
        operand as cell,
        operand_problem as problem
    from judged
    where operand_problem is not null

)

select * from final
