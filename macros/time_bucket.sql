{#-
    Number of the stretch of time that a time is in. Times of at most so many seconds apart are in the same stretch or in adjacent ones, so that
    they are joined by equal numbers. A stretch is a second longer than that, so rounding does not matter.
-#}
{%- macro time_bucket(time, seconds) -%}
floor({{ seconds_between("timestamp '2000-01-01'", time) }} / ({{ seconds }} + 1))
{%- endmacro -%}
