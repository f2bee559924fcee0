{# Lets an engine that has no raw tables of its own see the files that the loader wrote. #}
{% macro register_raw() -%}
    {{ return(adapter.dispatch('register_raw')()) }}
{%- endmacro %}

{% macro default__register_raw() -%}
{%- endmacro %}


{# Views of the files of completed loads, for each source: a load that was cut off leaves files of which nobody knows
   whether they are whole. They are made anew when another load has completed. #}
{% macro spark__register_raw() -%}
    {%- if execute -%}
        {%- set warehouse = run_query('set spark.sql.warehouse.dir').columns[1].values()[0] -%}
        {%- for schema in graph.sources.values() | map(attribute='schema') | unique if schema.startswith('raw_') -%}
            {%- do register_raw_schema(schema, warehouse.rpartition('/')[0] ~ '/raw/' ~ schema) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{% macro register_raw_schema(schema, folder) -%}
    {%- set loads = schema ~ '._dlt_loads' -%}
    {%- do run_query('create schema if not exists ' ~ schema) -%}
    {%- do run_query(
        'create table if not exists ' ~ loads ~ ' (load_id string, schema_name string, status bigint,'
        ~ " inserted_at timestamp_ltz, schema_version_hash string) using json location '" ~ folder ~ "/_dlt_loads'"
    ) -%}
    {#- a session that read the list before knows only the files of then -#}
    {%- do run_query('refresh table ' ~ loads) -%}
    {%- set completed = run_query('select load_id from ' ~ loads ~ ' where status = 0').columns[0].values() | sort | join(',') -%}
    {%- set properties = run_query('show tblproperties ' ~ loads) -%}
    {%- set registered = dict(zip(properties.columns[0].values(), properties.columns[1].values())) -%}
    {%- set tables = graph.sources.values() | selectattr('schema', 'equalto', schema) | map(attribute='name')
        | reject('equalto', '_dlt_loads') | list -%}
    {%- if 'loaded_files' in tables -%}
        {%- do tables.extend(['quarantine', 'damaged_values']) -%}
    {%- endif -%}
    {%- set wanted = local_md5(completed ~ tables | sort | join(',')) -%}
    {%- if registered.get('ontime.loads') != wanted -%}
        {%- for table in tables -%}
            {%- do run_query(
                'create or replace view ' ~ schema ~ '.' ~ table ~ ' as select * from parquet.`'
                ~ folder ~ '/' ~ table ~ '/{' ~ completed ~ '}.*.parquet`'
            ) -%}
        {%- endfor -%}
        {%- do run_query("alter table " ~ loads ~ " set tblproperties ('ontime.loads' = '" ~ wanted ~ "')") -%}
    {%- endif -%}
{%- endmacro %}
