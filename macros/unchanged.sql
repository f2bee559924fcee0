{# A build leaves as it is what would come out the same. The fingerprint of a node is a hash of its code and of what it reads:
   of tables their own fingerprints, through views to what those read, of sources the files that the build sees. What was
   built, and tests that passed, stand with theirs in `governance.fingerprints`. #}


{# Materializes a node in dbt's way, unless it stands already as it would be made. #}
{% macro build_if_changed(by_dbt) -%}
    {%- set before = fingerprints().get(model.unique_id) -%}
    {%- set now = note_fingerprint() -%}
    {%- if flags.WHICH in ('build', 'run') and not flags.FULL_REFRESH and before == now and load_cached_relation(this) is not none -%}
        {{ return(leave_as_it_is()) }}
    {%- endif -%}
    {{ return(by_dbt()) }}
{%- endmacro %}


{# After loads that brought nothing of what it reads it holds them, too. #}
{% macro leave_as_it_is() -%}
    {%- if model.resource_type == 'model' and config.get('materialized') != 'view' and ledger().get(model.name) != inputs_state() -%}
        {%- call statement() -%}
            {{ record_build() }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {%- call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0) -%}
        select 1 as unchanged
    {%- endcall -%}
    {{ return({'relations': [this]}) }}
{%- endmacro %}


{# Seeds are small, and always read. #}
{% macro build_seed(by_dbt) -%}
    {%- do note_fingerprint() -%}
    {{ return(by_dbt()) }}
{%- endmacro %}


{# A whole build passes over a test that passed, of tables as they are now; `dbt test` looks at all. #}
{% macro test_if_changed(by_dbt) -%}
    {%- if flags.WHICH != 'build' -%}
        {{ return(by_dbt()) }}
    {%- endif -%}
    {%- set before = fingerprints().get(model.unique_id) -%}
    {%- set now = note_fingerprint() -%}
    {%- if flags.FULL_REFRESH or before != now -%}
        {{ return(by_dbt()) }}
    {%- endif -%}
    {%- set nothing_found = run_query('select 0 as failures, false as should_warn, false as should_error') -%}
    {%- call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0, nothing_found) -%}
        select 1 as unchanged
    {%- endcall -%}
    {{ return({'relations': []}) }}
{%- endmacro %}


{# The fingerprints of nodes as they stand, by their ids, with those that the running build has given. #}
{% macro fingerprints() -%}
    {%- if 'fingerprints' not in build_memory() -%}
        {%- do build_memory().update({'fingerprints': find_fingerprints()}) -%}
    {%- endif -%}
    {{ return(build_memory()['fingerprints']) }}
{%- endmacro %}


{# Those of the newest build that noted any. Where a later one was cut off, or an earlier one ended after it had begun, it is
   not known which tables they are of. #}
{% macro find_fingerprints() -%}
    {%- set query -%}
        select newest.fingerprints
        from (
            select noted.fingerprints, noted.build_number, builds.happened_at as began_at
            from {{ governance('fingerprints') }} as noted
            inner join {{ governance('builds') }} as builds
                on noted.build_number = builds.build_number and builds.event = 'started'
            where noted.build_number = (select max(build_number) from {{ governance('fingerprints') }})
        ) as newest
        left join (
            select began.build_number, ended.happened_at as ended_at
            from {{ governance('builds') }} as began
            left join {{ governance('builds') }} as ended
                on began.invocation_id = ended.invocation_id and ended.event = 'ended'
            where began.event = 'started' and began.invocation_id <> '{{ invocation_id }}'
        ) as others
            on
                (others.build_number > newest.build_number and others.ended_at is null)
                or (others.build_number < newest.build_number and others.ended_at > newest.began_at)
        where others.build_number is null
    {%- endset -%}
    {%- set rows = run_query(query).columns[0].values() -%}
    {{ return(fromjson(rows[0]) if rows else {}) }}
{%- endmacro %}


{# Notes what the running build built or found right; a statement where that is other than before. #}
{% macro record_fingerprints(results) -%}
    {%- set before = find_fingerprints() -%}
    {%- set after = dict(before) -%}
    {%- for result in results -%}
        {%- do after.pop(result.node.unique_id, none) -%}
        {%- if result.status | string in ('success', 'pass') and result.node.unique_id in fingerprints() -%}
            {%- do after.update({result.node.unique_id: fingerprints()[result.node.unique_id]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if after != before -%}
        insert into {{ governance('fingerprints') }} select {{ this_build() }}, '{{ tojson(after) }}'
    {%- endif -%}
{%- endmacro %}


{# Gives the node that is about to be built its fingerprint. A view holds no rows: what it reads is seen through it. #}
{% macro note_fingerprint() -%}
    {%- set parts = [own_fingerprint()] -%}
    {%- if config.get('materialized') != 'view' -%}
        {%- do parts.extend(fingerprints_of_parents(model)) -%}
    {%- endif -%}
    {%- do fingerprints().update({model.unique_id: local_md5(parts | join(' '))}) -%}
    {{ return(fingerprints()[model.unique_id]) }}
{%- endmacro %}


{# An increment is no other for another code: dbt builds one anew with --full-refresh. What it would compile to differs from
   run to run. #}
{% macro own_fingerprint() -%}
    {%- if model.resource_type == 'seed' -%}
        {%- set code = model.checksum.checksum -%}
    {%- elif model.config.materialized == 'incremental' -%}
        {%- set code = model.raw_code -%}
    {%- else -%}
        {%- set code = model.compiled_code -%}
    {%- endif -%}
    {%- set empty = invocation_id if flags.EMPTY or var('backfill_start') is not none else '' -%}
    {{ return(local_md5([code, tojson(model.config), tojson(model.columns), model.description, empty] | join(' '))) }}
{%- endmacro %}


{% macro fingerprints_of_parents(node) -%}
    {%- set found = [] -%}
    {%- for parent_id in node.depends_on.nodes | sort -%}
        {%- do found.append(
            fingerprint_of_source(parent_id, node) if parent_id in graph.sources else fingerprint_of(parent_id)
        ) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# What is not known to stand is like nothing before. It is asked for once the node was built, so the answer stays. #}
{% macro fingerprint_of(node_id) -%}
    {%- set found = build_memory().setdefault('fingerprints_found', {}) -%}
    {%- if node_id not in found -%}
        {%- set parts = [fingerprints().get(node_id, invocation_id)] -%}
        {%- if graph.nodes[node_id].config.materialized == 'view' -%}
            {%- do parts.extend(fingerprints_of_parents(graph.nodes[node_id])) -%}
        {%- elif graph.nodes[node_id].resource_type == 'seed' and node_id in fingerprints() -%}
            {%- do parts.append(seed_edition(graph.nodes[node_id])) -%}
        {%- endif -%}
        {%- do found.update({node_id: local_md5(parts | join(' '))}) -%}
    {%- endif -%}
    {{ return(found[node_id]) }}
{%- endmacro %}


{# The files of a source that the build sees. Of the list of all, a staging model takes those of the source that its folder is
   named after. Runs are told of at any time, so what reads them is never as it was. #}
{% macro fingerprint_of_source(source_id, node) -%}
    {%- set name = graph.sources[source_id].source_name -%}
    {%- set sources_of_files = graph.sources.values() | selectattr('name', 'equalto', 'loaded_files') | map(attribute='source_name') | list -%}
    {%- set read = node.fqn[-2] if name == 'governance' else name -%}
    {%- if read in sources_of_files -%}
        {{ return(files_by_source().get(read, 'none')) }}
    {%- endif -%}
    {{ return(invocation_id if name == 'ops' else tojson(files_by_source())) }}
{%- endmacro %}


{# Of each source a hash of the files that the build sees. #}
{% macro files_by_source() -%}
    {%- if 'files by source' not in build_memory() -%}
        {%- set query -%}
            select source_name, md5({{ sorted_list("load_id || file", 'load_number') }}) as file_set
            from {{ governance('visible_files') }}
            group by source_name
            order by source_name
        {%- endset -%}
        {%- set found = {} -%}
        {%- for row in run_query(query) -%}
            {%- do found.update({row[0]: row[1]}) -%}
        {%- endfor -%}
        {%- do build_memory().update({'files by source': found}) -%}
    {%- endif -%}
    {{ return(build_memory()['files by source']) }}
{%- endmacro %}
