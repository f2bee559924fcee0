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
        {%- if single_value("select count(*) as reader_count from pg_roles where rolname = 'ontime_reader'") == 0 -%}
            {{ exceptions.raise_compiler_error(
                'The server has no role ontime_reader: make the roles with ontime server roles.'
            ) }}
        {%- endif -%}
    {%- endif -%}
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
