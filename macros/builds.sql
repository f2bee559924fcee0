{# Before anything is built: writes down that a build begins, and which loaded files it sees, from its first model to its last.
   Files that complete later are for the next build. Tests alone go on seeing what the last build saw. #}
{% macro begin_build() -%}
    {#- made before there are several threads -#}
    {%- do build_memory() -%}
    {%- if execute and graph.sources and flags.WHICH not in ('test', 'freshness') -%}
        {%- set newest = single_value('select max(load_number) as load_number from (' ~ chosen_files() ~ ') as chosen') or 0 -%}
        {%- do refuse_to_forget(ledger(is_there=true)) -%}
        {%- do fingerprints() -%}
        {%- do recorded_definitions() -%}
        {{ in_turn([see_files(newest), see_unread(), tell_of_build('started', 0)]) }}
    {%- elif execute and graph.sources and load_relation(governance('visible_files')) is none -%}
        {{ in_turn([see_files(0), see_unread()]) }}
    {%- endif -%}
{%- endmacro %}


{% macro see_files(newest) -%}
    {{ return(adapter.dispatch('see_files')(newest)) }}
{%- endmacro %}

{% macro default__see_files(newest) -%}
    create or replace view {{ governance('visible_files') }} as
    select *
    from ({{ chosen_files() }}) as chosen
    where load_number <= {{ newest }}
{%- endmacro %}


{# A table, because every view that reads it would be planned over the files of all sources. #}
{% macro spark__see_files(newest) -%}
    insert overwrite {{ governance('visible_files') }}
    select *
    from ({{ chosen_files() }}) as chosen
    where load_number <= {{ newest }}
{%- endmacro %}


{# What a build found out once, for all of its models: nothing of it changes before the build ends. #}
{% macro build_memory() -%}
    {%- if graph.get('build_memory', {}).get('invocation_id') != invocation_id -%}
        {%- do graph.update({'build_memory': {'invocation_id': invocation_id}}) -%}
    {%- endif -%}
    {{ return(graph['build_memory']) }}
{%- endmacro %}


{# After everything was built, also where some of it failed; a build without this was cut off. #}
{% macro end_build() -%}
    {%- if execute -%}
        {%- set failed = [] -%}
        {%- for result in results if result.status | string in ('error', 'fail', 'runtime error', 'partial success') -%}
            {%- do failed.append(result.node.unique_id) -%}
        {%- endfor -%}
        {%- set noted = record_fingerprints(results) if flags.WHICH not in ('test', 'freshness') else '' -%}
        {{ in_turn(([noted] if noted | trim else []) + [tell_of_build('ended', failed | length)]) }}
    {%- endif -%}
{%- endmacro %}


{# A test writes nothing, and is told of when it ends: of what the newest build wrote it may find rows wrong. To ask how
   fresh sources are runs hooks, too. #}
{% macro tell_of_build(event, failed_nodes) -%}
    {%- if flags.WHICH != 'freshness' -%}
        insert into {{ governance('builds') }}
        select
            {{ this_build() if event == 'ended' and flags.WHICH != 'test' else '(select coalesce(max(build_number), 0) + 1 from ' ~ governance('builds') ~ ')' }},
            '{{ event }}',
            '{{ invocation_id }}',
            '{{ flags.WHICH }}',
            {{ failed_nodes }},
            {{ utc_instant('current_timestamp') }}
    {%- endif -%}
{%- endmacro %}


{% macro this_build() -%}
    (select max(build_number) from {{ governance('builds') }} where invocation_id = '{{ invocation_id }}')
{%- endmacro %}


{# All files of completed loads, less those that the variables `until_load` and `as_of` leave out. #}
{% macro chosen_files() -%}
    select *
    from ({{ completed_files() }}) as completed
    where
        true
        {%- if var('until_load') is not none %}
        and load_number <= {{ var('until_load') }}
        {%- endif %}
        {%- if var('as_of') is not none %}
        and loaded_at <= cast('{{ first_instant(var("as_of")) }}' as timestamp)
        {%- endif %}
{%- endmacro %}


{% macro completed_files() -%}
    {%- for files in graph.sources.values() | selectattr('name', 'equalto', 'loaded_files') | sort(attribute='source_name') %}
    select
        '{{ files.source_name }}' as source_name,
        loads.load_id,
        files.file,
        files.load_number,
        {{ utc_instant('loads.inserted_at') }} as loaded_at,
        files.coverage,
        files.period_start,
        files.period_end
    from {{ files.relation_name }} as files
    inner join {{ files.relation_name | replace('loaded_files', '_dlt_loads') }} as loads
        on files._dlt_load_id = loads.load_id
    where loads.status = 0
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}


{# A target never goes back to fewer files than it holds: rows of the others would stay in what an increment leaves alone.
   Snapshots keep themselves. #}
{% macro refuse_to_forget(ledger) -%}
    {%- if (var('as_of') is not none or var('until_load') is not none) and not flags.FULL_REFRESH -%}
        {%- for model_name, held in ledger.items() if 'model.ontime.' ~ model_name in graph.nodes -%}
            {%- if held.load_set == find_visible_state(held.load_number, '(' ~ completed_files() ~ ')').load_set
                and held.load_set != find_visible_state(held.load_number, '(' ~ chosen_files() ~ ')').load_set -%}
                {{ exceptions.raise_compiler_error(
                    model_name ~ ' holds files that as_of or until_load leaves out: build as of then beside it,'
                    ~ ' with ONTIME_DATA_DIR in a folder of its own, or build everything again with --full-refresh'
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# A table of the schema `governance`, where builds keep account of themselves. #}
{% macro governance(table) -%}
    {{ return(api.Relation.create(
        database=target.database | default(none), schema='governance', identifier=table
    )) }}
{%- endmacro %}


{% macro create_governance() -%}
    {%- set tables = {
        'builds': [
            ['build_number', 'bigint'], ['event', dbt.type_string()], ['invocation_id', dbt.type_string()],
            ['command', dbt.type_string()], ['failed_nodes', 'integer'], ['happened_at', 'timestamp'],
        ],
        'model_builds': [
            ['build_number', 'bigint'], ['load_number', 'bigint'], ['load_set', dbt.type_string()],
            ['airports_edition', dbt.type_string()], ['clock_rules_edition', dbt.type_string()],
            ['excluded_aircraft', dbt.type_string()], ['plausible_values', dbt.type_string()],
            ['model_name', dbt.type_string()],
        ],
        'airport_editions': [
            ['airport_code', dbt.type_string()], ['time_zone', dbt.type_string()], ['station_code', dbt.type_string()],
            ['edition', dbt.type_string()],
        ],
        'clock_rule_editions': [
            ['time_zone', dbt.type_string()], ['year_number', 'integer'], ['rules', dbt.type_string()],
            ['edition', dbt.type_string()],
        ],
        'model_definitions': [
            ['build_number', 'bigint'], ['definition', dbt.type_string()], ['model_name', dbt.type_string()],
        ],
        'fingerprints': [['build_number', 'bigint'], ['fingerprints', dbt.type_string()]],
    } -%}
    {%- set statements = [] -%}
    {#- asked first: who may not make schemas may not even ask for one that is there -#}
    {%- if execute and not adapter.check_schema_exists(governance('builds').database, 'governance') -%}
        {%- do statements.append('create schema if not exists ' ~ governance('builds').without_identifier()) -%}
    {%- endif -%}
    {%- if target.type == 'spark' -%}
        {%- do tables.update({'visible_files': [
            ['source_name', 'string'], ['load_id', 'string'], ['file', 'string'], ['load_number', 'bigint'],
            ['loaded_at', 'timestamp'], ['coverage', 'string'], ['period_start', 'date'], ['period_end', 'date'],
        ]}) -%}
    {%- endif -%}
    {%- for name, columns in tables.items() if execute -%}
        {%- set listed = [] -%}
        {%- for column in columns -%}{%- do listed.append(column | join(' ')) -%}{%- endfor -%}
        {%- do statements.append(
            'create table if not exists ' ~ governance(name) ~ ' (' ~ listed | join(', ') ~ ') '
            ~ partitioned_by(columns[-1][0] if name not in ('builds', 'visible_files', 'fingerprints') else none)
        ) -%}
    {%- endfor -%}
    {{ in_turn(statements) }}
{%- endmacro %}


{# Statements of a hook, one after another. #}
{% macro in_turn(statements) -%}
    {{ return(adapter.dispatch('in_turn')(statements)) }}
{%- endmacro %}

{% macro default__in_turn(statements) -%}
    {{ statements | join(';\n') }}
{%- endmacro %}


{# A hook is one statement here, and each stands as soon as it is done. #}
{% macro spark__in_turn(statements) -%}
    {%- for statement in statements[:-1] -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
    {{ statements[-1] if statements }}
{%- endmacro %}


{# The partitions of a new table, where an engine replaces them one by one. #}
{% macro partitioned_by(column) -%}
    {{ return(adapter.dispatch('partitioned_by')(column)) }}
{%- endmacro %}

{% macro default__partitioned_by(column) -%}
{%- endmacro %}

{% macro spark__partitioned_by(column) -%}
    {%- if column %}partitioned by ({{ column }}){% endif -%}
{%- endmacro %}
