{#-
    The bands of leads or accounts that are on, as of the dates of this run. A band is turned on where it is reached and off where it is lost, and
    keeps its state in between. Who has no score on the previous date starts with no bands.

    rows:  relation with as_of_date, date_number, model_id, the owner's columns, band, min_score, is_reached, is_lost, is_in_run
    owner: columns that identify the owner of a band; place 1 is the highest band that is on
-#}
{%- macro bands_on(rows, owner) -%}
select
    *,
    row_number() over (
        partition by as_of_date, model_id, {{ owner }}
        order by min_score desc
    ) as place
from (
    select
        *,
        -- Twice the number of the last date that turned the band on or off, plus 1 if it turned on.
        max(case
            when is_reached then 2 * date_number + 1
            when is_lost or previous_number is null or previous_number < date_number - 1 then 2 * date_number
        end) over (
            partition by model_id, {{ owner }}, band
            order by date_number
            rows between unbounded preceding and current row
        ) as settled_on
    from (
        select
            *,
            lag(date_number) over (
                partition by model_id, {{ owner }}, band
                order by date_number
            ) as previous_number
        from {{ rows }}
    ) as following
) as settled
where is_in_run and mod(settled_on, 2) = 1
{%- endmacro -%}

{#-
    Since when the leads or accounts of this run are in their band. A period begins if the owner was not in the band on the previous date. Published
    dates have their own band_since. Date number and days since 1900 are packed into one number, so its maximum belongs to the latest such date.

    rows:  relation with as_of_date, date_number, model_id, the owner's column, band, band_since, is_in_run
    owner: column that identifies the lead or account
-#}
{%- macro band_periods(rows, owner) -%}
select
    as_of_date,
    model_id,
    {{ owner }},
    band,
    {{ add_days(as_date("'1900-01-01'"), 'mod(begun_on, 1000000)') }} as band_since
from (
    select
        *,
        max(case
            when not is_in_run or previous_number is null or previous_number < date_number - 1
                then 1000000 * date_number + {{ days_between(as_date("'1900-01-01'"), 'band_since') }}
        end) over (
            partition by model_id, {{ owner }}, band
            order by date_number
            rows between unbounded preceding and current row
        ) as begun_on
    from (
        select
            *,
            lag(date_number) over (
                partition by model_id, {{ owner }}, band
                order by date_number
            ) as previous_number
        from {{ rows }}
    ) as following
) as periods
where is_in_run
{%- endmacro -%}
