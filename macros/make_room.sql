{# Takes away what an increment is about to build again; in a pre-hook. Where rows cannot be deleted, it notes the months that
   they stand in: the increment replaces those for which it has rows, and `drop_emptied_months` drops the others.

   rows: condition of the rows. #}
{% macro make_room(rows) -%}
    {{ return(adapter.dispatch('make_room')(rows)) }}
{%- endmacro %}

{% macro default__make_room(rows) -%}
    delete from {{ this }} where {{ rows }}
{%- endmacro %}

{# `model` is one dictionary for all hooks of a model in a run: what this one notes, drop_emptied_months finds. #}
{% macro spark__make_room(rows) -%}
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
