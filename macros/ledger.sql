{# The ledger, `governance.model_builds`: what each built table holds. A state is a dictionary:

   load_number           the newest loaded file, in the order in which files were loaded; all before it are held, too
   load_set              hash of the files up to that one, which tells whether they still are those in raw
   airports_edition      hash of the airports' zones and stations
   clock_rules_edition   hash of the offsets of all zones
   excluded_aircraft     hash of that seed
   plausible_values      hash of that seed

   An edition or seed is '' where nothing is read of it, and 'mixed' where inputs disagree. #}


{# Seeds whose change builds again, whole, all that reads them, and what of their rows counts. Others go into tables that are
   built whole in any case. #}
{% macro seeds_in_ledger() -%}
    {{ return({
        'excluded_aircraft': ['registration'],
        'plausible_values': ['column_name', 'unit', 'least_value', 'greatest_value'],
    }) }}
{%- endmacro %}


{# The state of each table, by its model. It is read once a build, which goes on to keep it in mind: to read it while a model
   that just ended writes into it fails where tables are files.

   is_there: whether the ledger is known to exist. To look for it begins a transaction, in which a hook of the run would be
     undone with it. #}
{% macro ledger(is_there=false) -%}
    {%- if 'ledger' not in build_memory() -%}
        {%- do build_memory().update({'ledger': find_ledger(is_there)}) -%}
    {%- endif -%}
    {{ return(build_memory()['ledger']) }}
{%- endmacro %}


{% macro find_ledger(is_there) -%}
    {%- set states = {} -%}
    {%- if is_there or load_relation(governance('model_builds')) is not none -%}
        {%- set query -%}
            select
                model_name, load_number, load_set, airports_edition, clock_rules_edition, excluded_aircraft, plausible_values
            from (
                select *, row_number() over (partition by model_name order by build_number desc) as recency
                from {{ governance('model_builds') }}
            ) as ranked
            where recency = 1
        {%- endset -%}
        {%- for row in run_query(query) -%}
            {%- do states.update({row[0]: {
                'load_number': row[1] | int, 'load_set': row[2], 'airports_edition': row[3],
                'clock_rules_edition': row[4], 'excluded_aircraft': row[5], 'plausible_values': row[6],
            }}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(states) }}
{%- endmacro %}


{# What the inputs of this model hold: sources hold the files that the build sees, tables what the ledger says of them,
   views what their own inputs hold. Of several the oldest counts. #}
{% macro inputs_state() -%}
    {%- set key = 'inputs of ' ~ model.unique_id -%}
    {%- if key not in build_memory() -%}
        {%- do build_memory().update({key: find_inputs_state()}) -%}
    {%- endif -%}
    {{ return(dict(build_memory()[key])) }}
{%- endmacro %}


{% macro find_inputs_state() -%}
    {%- set state = dict(
        visible_state(), airports_edition='', clock_rules_edition='', excluded_aircraft='', plausible_values=''
    ) -%}
    {%- for node_id in find_stored_inputs(model.depends_on.nodes) -%}
        {%- set held = stored_state(node_id) -%}
        {#- an increment follows the editions of reference data, however old the files are that they came in -#}
        {%- if node_id in (
            'model.ontime.int_airports', 'model.ontime.int_time_zone_offsets'
        ) and model.config.materialized == 'incremental' -%}
            {%- do held.pop('load_number') -%}
        {%- endif -%}
        {%- do merge_state(state, held) -%}
    {%- endfor -%}
    {{ return(state) }}
{%- endmacro %}


{# The tables, seeds and sources that nodes are made of: views are what they read. #}
{% macro find_stored_inputs(node_ids) -%}
    {%- set to_visit = node_ids | list -%}
    {%- set visited = [] -%}
    {%- set stored = [] -%}
    {%- for _ in range(300) if to_visit -%}
        {%- set node_id = to_visit.pop() -%}
        {%- if node_id not in visited -%}
            {%- do visited.append(node_id) -%}
            {%- set node = graph.nodes.get(node_id) -%}
            {%- if node and node.config.materialized in ('view', 'ephemeral') -%}
                {%- do to_visit.extend(node.depends_on.nodes) -%}
            {%- else -%}
                {%- do stored.append(node_id) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(stored) }}
{%- endmacro %}


{# What of a state one of these tells. #}
{% macro stored_state(node_id) -%}
    {%- set node = graph.nodes.get(node_id) -%}
    {%- if not node -%}
        {{ return(dict(visible_state())) }}
    {%- elif node.resource_type == 'seed' -%}
        {{ return({node.name: known_seed_edition(node)} if node.name in seeds_in_ledger() else {}) }}
    {%- endif -%}
    {{ return(dict(ledger().get(node.name, {'load_number': 0, 'load_set': 'none'}))) }}
{%- endmacro %}


{% macro merge_state(state, other) -%}
    {%- if other.get('load_number', state.load_number) < state.load_number -%}
        {%- do state.update({'load_number': other.load_number, 'load_set': other.load_set}) -%}
    {%- endif -%}
    {%- for part in ('airports_edition', 'clock_rules_edition', 'excluded_aircraft', 'plausible_values') if other.get(part) -%}
        {%- do state.update({part: other[part] if state[part] in ('', other[part]) else 'mixed'}) -%}
    {%- endfor -%}
{%- endmacro %}


{% macro known_seed_edition(seed) -%}
    {%- set key = 'edition of ' ~ seed.unique_id -%}
    {%- if key not in build_memory() -%}
        {%- do build_memory().update({key: seed_edition(seed)}) -%}
    {%- endif -%}
    {{ return(build_memory()[key]) }}
{%- endmacro %}


{# Why nodes cannot be compared: what they are made of holds different loads, or was built with different reference data. #}
{% macro find_difference(node_ids) -%}
    {%- if node_ids | length > 1 -%}
        {%- for node in graph.nodes.values() if node.unique_id in node_ids -%}
            {%- if adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) is none -%}
                {{ return(node.name ~ ' is not there yet') }}
            {%- endif -%}
        {%- endfor -%}
        {%- set first = {} -%}
        {%- for node_id in find_stored_inputs(node_ids) | sort -%}
            {%- set name = node_id.split('.')[-1] if node_id in graph.nodes else 'raw' -%}
            {%- for part, held in stored_state(node_id).items() if part != 'load_number' and held -%}
                {%- set other = first.setdefault(part, {'name': name, 'node_id': node_id, 'held': held}) -%}
                {%- if other.held != held and part == 'load_set' -%}
                    {{ return(
                        other.name ~ ' holds loads up to ' ~ stored_state(other.node_id).load_number ~ ', ' ~ name ~ ' up to '
                        ~ stored_state(node_id).load_number
                    ) }}
                {%- elif other.held != held -%}
                    {{ return(other.name ~ ' was built with other ' ~ part | replace('_', ' ') ~ ' than ' ~ name) }}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# The files that the build sees, or the first of them. #}
{% macro visible_state(until_load=none) -%}
    {%- set key = 'visible until ' ~ until_load -%}
    {%- if key not in build_memory() -%}
        {%- do build_memory().update({key: find_visible_state(until_load)}) -%}
    {%- endif -%}
    {{ return(build_memory()[key]) }}
{%- endmacro %}


{% macro find_visible_state(until_load, files=governance('visible_files')) -%}
    {%- set query -%}
        select
            coalesce(max(load_number), 0) as load_number,
            md5(coalesce({{ sorted_list("load_id || file", 'load_number') }}, '')) as load_set
        from {{ files }} as files
        {%- if until_load is not none %}
        where load_number <= {{ until_load }}
        {%- endif %}
    {%- endset -%}
    {%- set row = run_query(query)[0] -%}
    {{ return({'load_number': row[0] | int, 'load_set': row[1]}) }}
{%- endmacro %}


{# Writes down what a table holds; a post-hook of what is built, in its transaction where the engine has them. #}
{% macro record_build() -%}
    {%- if execute and model.resource_type in ('model', 'snapshot') and config.get('materialized') not in ('view', 'ephemeral') -%}
        {%- set state = inputs_state() -%}
        {%- if flags.EMPTY -%}
            {%- do state.update({'load_number': 0, 'load_set': 'none'}) -%}
        {%- endif -%}
        {%- if model.name == 'int_airports' -%}
            {%- do state.update({'airports_edition': record_edition('airport_editions', airport_edition_rows())}) -%}
        {%- elif model.name == 'int_time_zone_offsets' -%}
            {%- do state.update({'clock_rules_edition': record_edition('clock_rule_editions', clock_rule_edition_rows())}) -%}
        {%- endif -%}
        {%- do ledger().update({model.name: state}) -%}
        {{ insert_partition(governance('model_builds'), 'model_name', model.name, [
            this_build(), state.load_number, "'" ~ state.load_set ~ "'", "'" ~ state.airports_edition ~ "'",
            "'" ~ state.clock_rules_edition ~ "'", "'" ~ state.excluded_aircraft ~ "'", "'" ~ state.plausible_values ~ "'",
        ] | join(', '), '') }}
    {%- endif -%}
{%- endmacro %}


{# Adds rows to a table of governance. Models end at the same time: where two that add to the files of one table take away
   each other's unfinished ones, each replaces a partition of its own: one that its row names, as they take away each other's
   where the statement names it. #}
{% macro insert_partition(table, column, value, values, relation) -%}
    {{ return(adapter.dispatch('insert_partition')(table, column, value, values, relation)) }}
{%- endmacro %}

{% macro default__insert_partition(table, column, value, values, relation) -%}
    insert into {{ table }} select {{ values }}, '{{ value }}' {{ relation }}
{%- endmacro %}

{% macro spark__insert_partition(table, column, value, values, relation) -%}
    insert overwrite {{ table }} partition ({{ column }}) select {{ values }}, '{{ value }}' as {{ column }} {{ relation }}
{%- endmacro %}


{# The values of an expression in an order, with commas between them. #}
{% macro sorted_list(value, order_by) -%}
    {{ return(adapter.dispatch('sorted_list')(value, order_by)) }}
{%- endmacro %}

{% macro default__sorted_list(value, order_by) -%}
    string_agg({{ value }}, ',' order by {{ order_by }})
{%- endmacro %}

{% macro spark__sorted_list(value, order_by) -%}
    listagg({{ value }}, ',') within group (order by {{ order_by }})
{%- endmacro %}


{% macro single_value(query) -%}
    {{ return(run_query(query).columns[0].values()[0]) }}
{%- endmacro %}
