{# A schema has one name on every target, so the folder of a model names where it is found. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ return((custom_schema_name or target.schema) | trim) }}
{%- endmacro %}


{# Comments are the project's descriptions, all of a relation in one statement. dbt would ask before which columns there are;
   here one that is described and not there is an error. Spark has its own way. #}
{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if config.persist_relation_docs() -%}
        {%- do run_query(
            alter_relation_comment(relation, model.description) ~ alter_column_comment(relation, model.columns)
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# A table is built whole where the ledger does not vouch for it: it was never built, the files that it holds are not those
   in raw any more, the list of excluded aircraft or the bounds of values are others, or it is not known which airports or
   clocks it was built with. #}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}
        {%- set asked = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- if not asked and execute and model.resource_type == 'model' and config.get('materialized') == 'incremental' -%}
        {%- set asked = vouched_state() is none -%}
    {%- endif -%}
    {{ return(asked) }}
{%- endmacro %}


{# A test that compares relations passes, and says so, where they are not of the same build: after a build of some models the
   others hold older rows. #}
{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {%- set difference = find_difference(model.depends_on.nodes | unique | list) -%}
    {%- if difference -%}
        {%- do log('not compared by ' ~ model.name ~ ': ' ~ difference ~ '; build both', info=true) -%}
        select 0 as failures, false as should_warn, false as should_error
    {%- else -%}
        {{ dbt.default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) }}
    {%- endif -%}
{%- endmacro %}


{# Snapshots of the strategy `all_versions` hold what their relation, a history from raw, gives: they are built anew, so it
   does not matter between which loads they were taken. Others are taken as dbt does. #}
{% materialization snapshot, default %}
    {{ return(take_snapshot(dbt.materialization_snapshot_default, dbt.materialization_table_default)) }}
{% endmaterialization %}


{# What would come out the same is left as it is. #}
{% materialization table, default %}
    {{ return(build_if_changed(dbt.materialization_table_default)) }}
{% endmaterialization %}

{% materialization view, default %}
    {{ return(build_if_changed(dbt.materialization_view_default)) }}
{% endmaterialization %}

{% materialization incremental, default %}
    {{ return(build_if_changed(dbt.materialization_incremental_default)) }}
{% endmaterialization %}

{% materialization seed, default %}
    {{ return(build_seed(dbt.materialization_seed_default)) }}
{% endmaterialization %}

{% materialization test, default %}
    {{ return(test_if_changed(dbt.materialization_test_default)) }}
{% endmaterialization %}
