{# Takes away what an increment is about to build again; pre-hooks. The arguments are those of the macros that find it. #}
{% macro delete_dates_to_build(changed, date_column) -%}
    {{ delete_dates(dates_to_build(changed, date_column), date_column) }}
{%- endmacro %}


{% macro delete_flight_dates_to_build(changed, month_files=none) -%}
    {{ delete_dates(flight_dates_to_build(changed, month_files), 'flight_date') }}
{%- endmacro %}


{% macro delete_dates(dates, date_column) -%}
    {%- if dates -%}
        {{ delete_rows(is_date_to_build(date_column, dates)) }}
    {%- endif -%}
{%- endmacro %}


{% macro delete_from_instant(facts, reach_minutes, flights=none) -%}
    {%- set build_from = instant_to_build_from(facts, reach_minutes, flights) -%}
    {%- if build_from -%}
        {{ delete_rows(is_at_or_after('known_at', build_from)) }}
    {%- endif -%}
{%- endmacro %}


{# Where rows cannot be deleted, it notes the months that they stand in: the increment replaces those for which it has rows,
   and `drop_emptied_months` drops the others. #}
{% macro delete_rows(rows) -%}
    {{ return(adapter.dispatch('delete_rows')(rows)) }}
{%- endmacro %}

{% macro default__delete_rows(rows) -%}
    delete from {{ this }} where {{ rows }}
{%- endmacro %}


{# `model` is one dictionary for all hooks of a model in a run: what this one notes, drop_emptied_months finds. #}
{% macro spark__delete_rows(rows) -%}
    {%- do model.update({'rows_built_again': rows, 'months_built_again': months_as_written(rows)}) -%}
{%- endmacro %}


{# Drops the months of which an increment took away the last row; a post-hook. #}
{% macro drop_emptied_months() -%}
    {{ return(adapter.dispatch('drop_emptied_months')()) }}
{%- endmacro %}

{% macro default__drop_emptied_months() -%}
{%- endmacro %}

{% macro spark__drop_emptied_months() -%}
    {%- set emptied = [] -%}
    {%- for month in (months_as_written(model.rows_built_again) if model.months_built_again else []) -%}
        {%- if month in model.months_built_again -%}
            {%- do emptied.append('partition (' ~ config.get('partition_by') ~ " = date'" ~ month[0] ~ "')") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if emptied -%}
        alter table {{ this }} drop if exists {{ emptied | join(', ') }}
    {%- endif -%}
{%- endmacro %}


{# Months that hold some rows, each with the time of its newest file. #}
{% macro months_as_written(rows) -%}
    {%- set query -%}
        select
            cast({{ config.get('partition_by') }} as string) as month_start,
            max(unix_millis(_metadata.file_modification_time)) as written_at
        from {{ this }}
        where {{ rows }}
        group by 1
    {%- endset -%}
    {%- set months = [] -%}
    {%- for row in run_query(query) -%}
        {%- do months.append((row[0] | string, row[1] | string)) -%}
    {%- endfor -%}
    {{ return(months) }}
{%- endmacro %}


{# How an increment takes the place of what was taken away: where rows cannot be deleted it replaces whole months, those of
   `partition_by`. #}
{% macro increment_strategy() -%}
    {{ return(adapter.dispatch('increment_strategy')()) }}
{%- endmacro %}

{% macro default__increment_strategy() -%}
    {{ return('append') }}
{%- endmacro %}

{% macro spark__increment_strategy() -%}
    {{ return('insert_overwrite') }}
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
    {%- for first, last in ranges -%}
        {%- set in_next_month = modules.datetime.date.fromisoformat((last | string)[:7] ~ '-28')
            + modules.datetime.timedelta(days=4) -%}
        {%- do widened.append(((first | string)[:7] ~ '-01', in_next_month - modules.datetime.timedelta(days=in_next_month.day))) -%}
    {%- endfor -%}
    {{ return(widened) }}
{%- endmacro %}


{# The first instant that an increment which begins at an instant can replace; '' for none. #}
{% macro instant_of_partition(instant) -%}
    {{ return(adapter.dispatch('instant_of_partition')(instant)) }}
{%- endmacro %}

{% macro default__instant_of_partition(instant) -%}
    {{ return(instant) }}
{%- endmacro %}

{% macro spark__instant_of_partition(instant) -%}
    {{ return(instant and instant[:7] ~ '-01 00:00:00') }}
{%- endmacro %}


{# The order in which rows are stored, for engines that skip blocks of a table by their least and greatest values. Where a
   table is split by month it would only cost a sort of the whole. #}
{% macro stored_in_order_of(column) -%}
    {{ return(adapter.dispatch('stored_in_order_of')(column)) }}
{%- endmacro %}

{% macro default__stored_in_order_of(column) -%}
    {{ 'order by ' ~ column if not is_stream() }}
{%- endmacro %}

{% macro spark__stored_in_order_of(column) -%}
{%- endmacro %}
