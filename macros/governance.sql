{# True for a tail number whose owner did not opt out of display. The one place where seeds/excluded_aircraft.csv is applied. #}
{% macro is_displayable(tail_number) -%}
    (
        {{ tail_number }} is null
        or {{ tail_number }} not in (
            select excluded_aircraft.tail_number from {{ ref('excluded_aircraft') }} as excluded_aircraft
        )
    )
{%- endmacro %}


{# An incremental model is built whole again when the list of excluded aircraft is not the one that it was last built
   with: what it holds of a newly excluded aircraft goes, and what it lacks of one that came off the list returns. #}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}
        {%- set asked = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- if not asked and execute and model.resource_type == 'model' and config.get('materialized') == 'incremental' -%}
        {%- set asked = exclusions_changed() -%}
    {%- endif -%}
    {{ return(asked) }}
{%- endmacro %}


{% macro exclusions_changed() -%}
    {%- set applied = adapter.get_relation(this.database, applied_exclusions_schema(), 'applied_exclusions') -%}
    {%- set excluded = load_relation(ref_excluded_aircraft()) -%}
    {%- if applied is none or excluded is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set newest = run_query(
        'select exclusion_list from ' ~ applied ~ " where model_name = '" ~ model.name ~ "' order by applied_at desc limit 1"
    ).columns[0].values() -%}
    {{ return(newest | length > 0 and newest[0] != single_value(exclusion_list())) }}
{%- endmacro %}


{# Remembers the list that a model was built with; a post-hook of incremental models. #}
{% macro remember_exclusions() -%}
    {{ return(adapter.dispatch('remember_exclusions')()) }}
{%- endmacro %}

{% macro default__remember_exclusions() -%}
    insert into {{ applied_exclusions() }}
    select
        '{{ model.name }}' as model_name,
        listed.exclusion_list,
        current_timestamp as applied_at
    from ({{ exclusion_list() }}) as listed
{%- endmacro %}

{# Models end at the same time. Two that add to the files of one table take away each other's unfinished ones; two that
   replace a partition each do not. #}
{% macro spark__remember_exclusions() -%}
    insert overwrite {{ applied_exclusions() }} partition (model_name)
    select
        listed.exclusion_list,
        current_timestamp as applied_at,
        '{{ model.name }}' as model_name
    from ({{ exclusion_list() }}) as listed
{%- endmacro %}


{% macro create_applied_exclusions() -%}
    {%- if execute -%}
        {#- asked first: who may not make schemas may not even ask for one that is there -#}
        {%- if not adapter.check_schema_exists(target_database(), applied_exclusions_schema()) -%}
            {%- do adapter.create_schema(
                api.Relation.create(database=target_database(), schema=applied_exclusions_schema())
            ) -%}
        {%- endif -%}
        create table if not exists {{ applied_exclusions() }} (
            model_name {{ dbt.type_string() }},
            exclusion_list {{ dbt.type_string() }},
            applied_at {{ dbt.type_timestamp() }}
        ) {{ partitioned_by('model_name') }}
    {%- endif -%}
{%- endmacro %}


{# The partitions of a new table, where an engine replaces them one by one. #}
{% macro partitioned_by(column) -%}
    {{ return(adapter.dispatch('partitioned_by')(column)) }}
{%- endmacro %}

{% macro default__partitioned_by(column) -%}
{%- endmacro %}

{% macro spark__partitioned_by(column) -%}
    partitioned by ({{ column }})
{%- endmacro %}


{% macro applied_exclusions() -%}
    {{ return(api.Relation.create(
        database=target_database(), schema=applied_exclusions_schema(), identifier='applied_exclusions'
    )) }}
{%- endmacro %}


{# The database that everything is built in; none where the engine has but one. #}
{% macro target_database() -%}
    {{ return(target.database | default(none)) }}
{%- endmacro %}


{% macro applied_exclusions_schema() -%}
    {{ return('governance') }}
{%- endmacro %}


{% macro ref_excluded_aircraft() -%}
    {{ return(api.Relation.create(database=target_database(), schema='seeds', identifier='excluded_aircraft')) }}
{%- endmacro %}


{% macro exclusion_list() -%}
    select md5(coalesce({{ sorted_list('tail_number') }}, '')) as exclusion_list
    from {{ ref_excluded_aircraft() }}
{%- endmacro %}


{# The values of a column in their order, with commas between them. #}
{% macro sorted_list(column) -%}
    {{ return(adapter.dispatch('sorted_list')(column)) }}
{%- endmacro %}

{% macro default__sorted_list(column) -%}
    string_agg({{ column }}, ',' order by {{ column }})
{%- endmacro %}

{% macro spark__sorted_list(column) -%}
    listagg({{ column }}, ',') within group (order by {{ column }})
{%- endmacro %}


{# Takes excluded aircraft out of a history that was kept before they were excluded; a post-hook of its snapshot. #}
{% macro drop_excluded_aircraft() -%}
    delete from {{ this }}
    where tail_number in (select excluded.tail_number from {{ ref_excluded_aircraft() }} as excluded)
{%- endmacro %}
