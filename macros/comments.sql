{# Comments on columns are the project's descriptions. DuckLake keeps none of a view's columns; the catalogue has them. #}
{% macro duckdb__alter_column_comment(relation, column_dict) -%}
    {%- if relation.is_view and adapter.is_ducklake(relation) -%}
        {{ return('select 1') }}
    {%- endif -%}
    {{ return(dbt.duckdb__alter_column_comment(relation, column_dict)) }}
{%- endmacro %}


{# A view with its own description alone: to describe its columns, the adapter would plan the query twice. #}
{% macro spark__create_view_as(relation, sql) -%}
    create or replace view {{ relation }}
    {{ comment_clause() }}
    as
    {{ sql }}
{%- endmacro %}
