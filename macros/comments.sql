{# Comments on columns are the project's descriptions. DuckLake keeps none of a view's columns; the catalogue has them. #}
{% macro duckdb__alter_column_comment(relation, column_dict) -%}
    {%- if relation.is_view and adapter.is_ducklake(relation) -%}
        {{ return('select 1') }}
    {%- endif -%}
    {{ return(dbt.duckdb__alter_column_comment(relation, column_dict)) }}
{%- endmacro %}
