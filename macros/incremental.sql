{# What an incremental model has to build again: ranges of dates, each with its first and last.
   First the dates of all rows that came in loads which the model does not hold. Late and restated rows come in later
   loads, so however old their date is, it is in the range. The watermark is the newest load that the model holds; loads
   up to `lookback_hours` before it are looked at too, as loaders' clocks differ and loads overlap.
   Then the range that the variables `backfill_start` and `backfill_end` name. It comes on top: built alone, it could
   bring rows of a new load, which would then pass for held on all other dates.
   Returns none when everything has to be built, and no range when nothing has. #}
{% macro dates_to_build(records, date_column) -%}
    {%- set ranges = dates_of_new_loads(records, date_column) if is_incremental() else none -%}
    {%- if ranges is not none and var('backfill_start') is not none -%}
        {%- set ranges = ranges + [(var('backfill_start'), var('backfill_end') or var('backfill_start'))] -%}
    {%- endif -%}
    {{ return(whole_partitions(ranges)) }}
{%- endmacro %}


{% macro dates_of_new_loads(records, date_column) -%}
    {%- set watermark = single_value('select max(loaded_at) as loaded_at from ' ~ this) -%}
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
            and loaded_at not in (select held.loaded_at from {{ this }} as held where held.{{ looked_at }} group by 1)
    {%- endset -%}
    {%- set found = run_query(query) -%}
    {{ return([(found.columns[0].values()[0], found.columns[1].values()[0])] | rejectattr(0, 'none') | list) }}
{%- endmacro %}


{# True for dates that dates_to_build found. #}
{% macro is_date_to_build(date_column, dates) -%}
    {%- if dates is none -%}
        true
    {%- elif dates | length == 0 -%}
        false
    {%- else -%}
        (
            {%- for first, last in dates %}
            {{ date_column }} between cast('{{ first }}' as date) and cast('{{ last }}' as date)
            {%- if not loop.last %} or{% endif %}
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}


{# Makes room for the dates that an increment is about to build again. #}
{% macro drop_changed_dates(records) -%}
    {%- set dates = dates_to_build(records, 'flight_date') -%}
    {%- if dates -%}
        {{ make_room(is_date_to_build('flight_date', dates)) }}
    {%- endif -%}
{%- endmacro %}


{# How an increment takes the place of what it builds again. Where rows cannot be deleted, it replaces whole months: those
   of `partition_by`. #}
{% macro incremental_strategy(where_rows_can_be_deleted) -%}
    {{ return(adapter.dispatch('incremental_strategy')(where_rows_can_be_deleted)) }}
{%- endmacro %}

{% macro default__incremental_strategy(where_rows_can_be_deleted) -%}
    {{ return(where_rows_can_be_deleted) }}
{%- endmacro %}

{% macro spark__incremental_strategy(where_rows_can_be_deleted) -%}
    {{ return('insert_overwrite') }}
{%- endmacro %}


{# The order in which rows are stored, for engines that skip blocks of a table by their least and greatest values. Where a
   table is split by month it would only cost a sort of the whole. #}
{% macro stored_in_order_of(column) -%}
    {{ return(adapter.dispatch('stored_in_order_of')(column)) }}
{%- endmacro %}

{% macro default__stored_in_order_of(column) -%}
    order by {{ column }}
{%- endmacro %}

{% macro spark__stored_in_order_of(column) -%}
{%- endmacro %}


{# Ranges of dates, widened to what an increment can replace. #}
{% macro whole_partitions(ranges) -%}
    {{ return(adapter.dispatch('whole_partitions')(ranges)) }}
{%- endmacro %}

{% macro default__whole_partitions(ranges) -%}
    {{ return(ranges) }}
{%- endmacro %}

{% macro spark__whole_partitions(ranges) -%}
    {%- set widened = [] -%}
    {%- for first, last in ranges or [] -%}
        {%- set in_next_month = modules.datetime.date.fromisoformat((last | string)[:7] ~ '-28')
            + modules.datetime.timedelta(days=4) -%}
        {%- do widened.append(((first | string)[:7] ~ '-01', in_next_month - modules.datetime.timedelta(days=in_next_month.day))) -%}
    {%- endfor -%}
    {{ return(none if ranges is none else widened) }}
{%- endmacro %}


{% macro single_value(query) -%}
    {{ return(run_query(query).columns[0].values()[0]) }}
{%- endmacro %}
