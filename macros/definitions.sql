{# What tables are made by. A definition is a hash of a model's code, of the project's macros that it calls, of the seeds and
   views that it reads, and of the variables: of all that decides its rows but for the tables that it reads and for raw. An
   increment of a table whose definition has changed leaves older rows as they are: the table is of mixed definitions then,
   until it is built whole. #}


{# The definition of a model as the project has it now. #}
{% macro definition_of(node) -%}
    {%- set key = 'definition of ' ~ node.unique_id -%}
    {%- if key not in build_memory() -%}
        {%- set parts = [
            node.raw_code, tojson(node.columns), node.config.meta.get('maximum_age_minutes'),
            var('weather_publication_lag_minutes'), var('aircraft_known_minutes'),
        ] -%}
        {%- for macro_id in find_called_macros(node.depends_on.macros) -%}
            {%- do parts.append(context[macro_id.split('.')[-1]].macro.macro_sql) -%}
        {%- endfor -%}
        {%- for parent_id in node.depends_on.nodes | sort if parent_id in graph.nodes -%}
            {%- set parent = graph.nodes[parent_id] -%}
            {%- if parent.resource_type == 'seed' -%}
                {%- do parts.append(parent.checksum.checksum) -%}
            {%- elif parent.config.materialized in ('view', 'ephemeral') -%}
                {%- do parts.append(definition_of(parent)) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do build_memory().update({key: local_md5(parts | join(' '))}) -%}
    {%- endif -%}
    {{ return(build_memory()[key]) }}
{%- endmacro %}


{# The project's macros among these, and those that they call in turn. #}
{% macro find_called_macros(macro_ids) -%}
    {%- set to_visit = macro_ids | list -%}
    {%- set visited = [] -%}
    {%- for _ in range(1000) if to_visit -%}
        {%- set macro_id = to_visit.pop() -%}
        {%- if macro_id.startswith('macro.' ~ project_name ~ '.') and macro_id not in visited -%}
            {%- do visited.append(macro_id) -%}
            {%- do to_visit.extend(context[macro_id.split('.')[-1]].macro.depends_on.macros) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(visited | sort) }}
{%- endmacro %}


{# Notes whether a model is about to add to its table: once that is made, nobody can tell. A pre-hook. #}
{% macro note_increment() -%}
    {%- if execute -%}
        {%- do build_memory().update({'increment of ' ~ model.unique_id: is_incremental()}) -%}
    {%- endif -%}
{%- endmacro %}


{# Writes down by which definition a table's rows were made; '' where not all of them were made by that of now. A post-hook. #}
{% macro record_definition() -%}
    {%- if execute and model.resource_type == 'model' and config.get('materialized') not in ('view', 'ephemeral') -%}
        {%- set now = definition_of(graph.nodes[model.unique_id]) -%}
        {%- set is_whole = not build_memory().get('increment of ' ~ model.unique_id) and not flags.EMPTY -%}
        {%- if is_whole or recorded_definitions().get(model.name) != now -%}
            {{ insert_partition(governance('model_definitions'), 'model_name', model.name, [
                this_build(), "'" ~ (now if is_whole else '') ~ "'",
            ] | join(', '), '') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# By which definitions tables were made before this build, by model. #}
{% macro recorded_definitions() -%}
    {%- if 'definitions' not in build_memory() -%}
        {%- set found = {} -%}
        {%- set query -%}
            select model_name, definition
            from (
                select *, row_number() over (partition by model_name order by build_number desc) as recency
                from {{ governance('model_definitions') }}
            ) as ranked
            where recency = 1
        {%- endset -%}
        {%- for row in run_query(query) -%}
            {%- do found.update({row[0]: row[1]}) -%}
        {%- endfor -%}
        {%- do build_memory().update({'definitions': found}) -%}
    {%- endif -%}
    {{ return(build_memory()['definitions']) }}
{%- endmacro %}


{# Makes the table `expected_definitions`: by which definitions a table, and all that it is made of, would be made now, and of
   which files. An operation. #}
{% macro tell_definitions(model_name) -%}
    {%- set to_visit = ['model.' ~ project_name ~ '.' ~ model_name] -%}
    {%- set definitions = {} -%}
    {%- for _ in range(300) if to_visit -%}
        {%- set node = graph.nodes.get(to_visit.pop()) -%}
        {%- if node and node.resource_type == 'model' and node.name not in definitions -%}
            {%- do definitions.update({node.name: definition_of(node)}) -%}
            {%- do to_visit.extend(find_stored_inputs(node.depends_on.nodes)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set files = find_visible_state(none, '(' ~ chosen_files() ~ ')') -%}
    {%- set rows = [] -%}
    {%- for name, definition in definitions.items() -%}
        {%- do rows.append("('" ~ name ~ "', '" ~ definition ~ "', '" ~ files.load_set ~ "')") -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace table expected_definitions as'
        ~ ' select * from (values ' ~ rows | join(', ') ~ ') as told (model_name, definition, load_set)'
    ) -%}
{%- endmacro %}
