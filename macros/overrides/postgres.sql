{# Indexes of a new table: those that `meta.indexes` of its YAML lists, and for features their entity and `known_at`,
   by which as_of_join looks them up. dbt calls it; where scans are what is fast, there are none. #}
{% macro postgres__create_indexes(relation) -%}
    {%- set meta = model.config.meta -%}
    {%- set indexes = meta.get('indexes', []) + ([meta.feature_store.grain] if 'feature_store' in meta else []) -%}
    {%- for columns in indexes -%}
        {%- do run_query(get_create_index_sql(relation, {'columns': columns})) -%}
    {%- endfor -%}
{%- endmacro %}


{% macro postgres__alter_column_comment(relation, column_dict) -%}
    {%- for name, column in column_dict.items() %}
    comment on column {{ relation }}.{{ name }} is {{ postgres_escape_comment(column['description']) }};
    {%- endfor -%}
{%- endmacro %}


{# dbt compares a model with its contract, and makes its table, by these two. #}
{% macro postgres__get_empty_schema_sql(columns) -%}
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
