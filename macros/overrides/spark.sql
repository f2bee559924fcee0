{# A view with its own description alone: to describe its columns, the adapter would plan the query twice. #}
{% macro spark__create_view_as(relation, sql) -%}
    create or replace view {{ relation }}
    {{ comment_clause() }}
    as
    {{ sql }}
{%- endmacro %}


{# A view has its description from the statement that makes it; of a table of Parquet files Spark keeps none. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
{%- endmacro %}


{# Fills a seed. The adapter's own way writes text that holds a quote, and nulls, as they must not be written. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set insert -%}
        insert into {{ this }}
        select
            {%- for name in agate_table.column_names %}
            cast({{ name }} as {{ types.get(name, 'string') }}) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from values
            {%- for row in agate_table.rows %}
            ({% for value in row %}{{ sql_text(value) }}{{ ', ' if not loop.last }}{% endfor %}){{ ',' if not loop.last }}
            {%- endfor %}
            as listed ({{ agate_table.column_names | join(', ') }})
    {%- endset -%}
    {%- if agate_table.rows -%}
        {%- do run_query(insert) -%}
    {%- endif -%}
    {{ return(insert) }}
{%- endmacro %}


{% macro sql_text(value) -%}
    {{ 'null' if value is none else "'" ~ (value | string | replace('\\', '\\\\') | replace("'", "\\'")) ~ "'" }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    {{ return(default__get_empty_schema_sql(columns_in_native_types(columns))) }}
{%- endmacro %}

{% macro spark__apply_grants(relation, grant_config, should_revoke=True) -%}
{%- endmacro %}


{% materialization snapshot, adapter='spark' %}
    {{ return(take_snapshot(dbt.materialization_snapshot_spark, dbt.materialization_table_spark)) }}
{% endmaterialization %}


{% materialization table, adapter='spark' %}
    {{ return(build_if_changed(dbt.materialization_table_spark)) }}
{% endmaterialization %}

{% materialization view, adapter='spark' %}
    {{ return(build_if_changed(dbt.materialization_view_spark)) }}
{% endmaterialization %}

{% materialization incremental, adapter='spark' %}
    {{ return(build_if_changed(dbt.materialization_incremental_spark)) }}
{% endmaterialization %}
