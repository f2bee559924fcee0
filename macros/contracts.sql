{# Holds a seed to the columns and types of its YAML, which dbt itself does for models only; a post-hook of all seeds. #}
{% macro enforce_seed_contract() -%}
    {%- if execute -%}
        {%- do get_assert_columns_equivalent('select * from ' ~ this) -%}
    {%- endif -%}
{%- endmacro %}


{# An engine's own name of a type of the contracts, which are written once, in DuckDB's words. #}
{% macro native_type(data_type) -%}
    {{ return(adapter.dispatch('native_type')(data_type)) }}
{%- endmacro %}

{% macro default__native_type(data_type) -%}
    {{ return(data_type) }}
{%- endmacro %}

{% macro postgres__native_type(data_type) -%}
    {{ return({'double': 'double precision'}.get(data_type | lower, data_type)) }}
{%- endmacro %}

{% macro spark__native_type(data_type) -%}
    {{ return({'varchar': 'string'}.get(data_type | lower, data_type)) }}
{%- endmacro %}


{% macro columns_in_native_types(columns) -%}
    {%- set native = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do native.update({name: dict(column, data_type=native_type(column['data_type']))}) -%}
    {%- endfor -%}
    {{ return(native) }}
{%- endmacro %}
