{# Sees before anything is built that the server is one that the project can be built on. #}
{% macro verify_server() -%}
    {{ return(adapter.dispatch('verify_server')()) }}
{%- endmacro %}

{% macro default__verify_server() -%}
{%- endmacro %}

{% macro postgres__verify_server() -%}
    {%- if execute -%}
        {%- set version = single_value("select cast(current_setting('server_version_num') as integer) as version") -%}
        {%- if version < 150000 -%}
            {{ exceptions.raise_compiler_error(
                'PostgreSQL ' ~ version // 10000 ~ ' is too old: the project needs 15 or newer.'
            ) }}
        {%- endif -%}
        {%- for raw_object in run_query(raw_objects_with_code()) -%}
            {{ exceptions.raise_compiler_error(
                raw_object[0] ~ ' is no plain table, and could have ' ~ target.user ~ ' run what another wrote (' ~ raw_object[1]
                ~ '): drop it, then load again with --full-refresh what it held.'
            ) }}
        {%- endfor -%}
        {%- if single_value("select count(*) as reader_count from pg_roles where rolname = 'ontime_reader'") == 0 -%}
            {{ exceptions.raise_compiler_error(
                'The server has no role ontime_reader: make the roles with ontime server roles.'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# What stands in raw beside plain tables, and could run code as whoever reads it: a build reads it as a role that may write
   what people see. #}
{% macro raw_objects_with_code() -%}
    {%- set raw_schemas = graph.sources.values() | map(attribute='schema') | unique | reject('equalto', 'governance') | sort -%}
    select
        raw_schemas.nspname || '.' || objects.object_name as raw_object,
        objects.kind
    from (
        select
            relnamespace as schema_id,
            relname as object_name,
            case
                when relrowsecurity then 'a table with policies'
                when relkind in ('v', 'm') then 'a view'
                else 'a relation of kind ' || cast(relkind as text)
            end as kind
        from pg_class
        where relkind not in ('r', 'i', 't', 'S') or relrowsecurity
        union all
        select
            pronamespace,
            proname,
            'a function'
        from pg_proc
        union all
        select
            tables.relnamespace,
            tables.relname,
            'column ' || columns.attname || ' has a type of its own'
        from pg_class as tables
        inner join pg_attribute as columns on tables.oid = columns.attrelid
        inner join pg_type as types on columns.atttypid = types.oid
        where tables.relkind = 'r' and types.typnamespace <> cast('pg_catalog' as regnamespace)
    ) as objects
    inner join pg_namespace as raw_schemas on objects.schema_id = raw_schemas.oid
    where raw_schemas.nspname in ('{{ raw_schemas | join("', '") }}')
    order by 1
    limit 1
{%- endmacro %}


{# How the planner is to go about a build. PostgreSQL cannot tell how many rows a chain of views gives, expects one, and
   joins in loops, which take hours; hash joins do well whatever comes. A pre-hook of what is built. #}
{% macro planner_settings() -%}
    {{ return(adapter.dispatch('planner_settings')()) }}
{%- endmacro %}

{% macro default__planner_settings() -%}
{%- endmacro %}

{% macro postgres__planner_settings() -%}
    {%- if config.get('materialized') != 'view' -%}
        set local enable_nestloop = off;
        set local enable_mergejoin = off;
    {%- endif -%}
{%- endmacro %}


{# An expression of a step whose columns the next steps read many times. PostgreSQL writes each expression in each place that
   reads it, and to plan five such steps took it half a minute and 3 GB; a step in which a value could come out otherwise
   each time it leaves alone, and still filters its input by what is asked of its other columns. #}
{% macro computed_once(expression) -%}
    {{ return(adapter.dispatch('computed_once')(expression)) }}
{%- endmacro %}

{% macro default__computed_once(expression) -%}
    {{ expression }}
{%- endmacro %}

{% macro postgres__computed_once(expression) -%}
    case when random() >= 0 then {{ expression }} end
{%- endmacro %}


{# Tells the planner what a table holds, right after it was built; a post-hook of what is built. #}
{% macro refresh_statistics() -%}
    {{ return(adapter.dispatch('refresh_statistics')()) }}
{%- endmacro %}

{% macro default__refresh_statistics() -%}
{%- endmacro %}

{% macro postgres__refresh_statistics() -%}
    {%- if config.get('materialized') != 'view' -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
