{# What an incremental model has to build again: a range of dates, found in two ways.
   Backfill: the variables `backfill_start` and `backfill_end` name it.
   Otherwise: the dates of all rows that came in loads which the model does not hold. Late and restated rows come in
   later loads, so however old their date is, it is in the range. The watermark is the newest load that the model
   holds; loads up to `lookback_hours` before it are looked at too, as loaders' clocks differ and loads overlap.
   Returns none when everything has to be built, and a range without dates when nothing has. #}
{% macro dates_to_build(records, date_column) -%}
    {%- if not is_incremental() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- if var('backfill_start') is not none -%}
        {{ return({'first': var('backfill_start'), 'last': var('backfill_end') or var('backfill_start')}) }}
    {%- endif -%}
    {%- set watermark = run_query('select max(loaded_at) as loaded_at from ' ~ this).columns[0].values()[0] -%}
    {%- if watermark is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set looked_at -%}
        loaded_at > {{ add_minutes("cast('" ~ watermark ~ "' as timestamp)", -60 * var('lookback_hours')) }}
    {%- endset -%}
    {%- set query -%}
        select
            min({{ date_column }}) as first_date,
            max({{ date_column }}) as last_date
        from {{ records }}
        where
            {{ looked_at }}
            and loaded_at not in (select held.loaded_at from {{ this }} as held where held.{{ looked_at }})
    {%- endset -%}
    {%- set found = run_query(query) -%}
    {{ return({'first': found.columns[0].values()[0], 'last': found.columns[1].values()[0]}) }}
{%- endmacro %}


{# True for dates that dates_to_build found. #}
{% macro is_date_to_build(date_column, dates) -%}
    {%- if dates is none -%}
        true
    {%- elif dates.first is none -%}
        false
    {%- else -%}
        {{ date_column }} between cast('{{ dates.first }}' as date) and cast('{{ dates.last }}' as date)
    {%- endif -%}
{%- endmacro %}
