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


{# dbt compares a model with its contract, and makes its table, by these two. #}
{% macro postgres__get_empty_schema_sql(columns) -%}
    {{ return(default__get_empty_schema_sql(columns_in_native_types(columns))) }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    {{ return(default__get_empty_schema_sql(columns_in_native_types(columns))) }}
{%- endmacro %}

{% macro postgres__get_table_columns_and_constraints() -%}
    ({{ adapter.render_raw_columns_constraints(raw_columns=columns_in_native_types(model['columns'])) | join(', ') }})
{%- endmacro %}


{# Where an incremental model is held to the types that it has: text is text and a decimal a decimal, whether or not its
   length comes with it. What is inserted takes the length of the table's column. #}
{% macro postgres__diff_column_data_types(source_columns, target_columns) -%}
    {%- set changed = [] -%}
    {%- for column in default__diff_column_data_types(source_columns, target_columns) -%}
        {%- set held = target_columns | selectattr('name', 'equalto', column.column_name) | first -%}
        {%- set delivered = source_columns | selectattr('name', 'equalto', column.column_name) | first -%}
        {%- if not (held.is_string() and delivered.is_string() or held.is_numeric() and delivered.is_numeric()) -%}
            {%- do changed.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(changed) }}
{%- endmacro %}
