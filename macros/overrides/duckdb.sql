{# DuckLake keeps no comments on a view's columns; the catalogue has them. #}
{% macro duckdb__alter_column_comment(relation, column_dict) -%}
    {%- if not (relation.is_view and adapter.is_ducklake(relation)) -%}
        {%- for name, column in column_dict.items() %}
    comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column['description']) }};
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# Rights of readers are those of a server's roles; engines that read files have none to give. #}
{% macro duckdb__apply_grants(relation, grant_config, should_revoke=True) -%}
{%- endmacro %}


{% materialization snapshot, adapter='duckdb' %}
    {{ return(take_snapshot(dbt.materialization_snapshot_default, dbt.materialization_table_duckdb)) }}
{% endmaterialization %}


{% materialization table, adapter='duckdb' %}
    {{ return(build_if_changed(dbt.materialization_table_duckdb)) }}
{% endmaterialization %}

{% materialization incremental, adapter='duckdb' %}
    {{ return(build_if_changed(dbt.materialization_incremental_duckdb)) }}
{% endmaterialization %}
