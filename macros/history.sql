{# Type-2 history of records, from all of their versions in raw, as CTEs of which `history` is the last. Files count in the
   order in which they were loaded; of a load that brings a record more than once, the last. A row begins when its load
   completed, by the loader's clock, but never before the row that it follows.

   versions: CTE with one row per record and version: the key, the values, `source_rank` (once 1 was heard, 2 counts no
     more), `load_number`, `loaded_at`, and where in the load the row stood.
   key: the column that names the record.
   values: the columns whose change begins a new row. #}
{% macro history(versions, key, values) -%}
heard as (

    select
        *,
        min(case when source_rank = 1 then load_number end) over (partition by {{ key }}) as best_source_load_number,
        row_number() over (
            partition by {{ key }}, source_rank, _dlt_load_id
            order by load_number desc, _source_line desc
        ) as recency_in_load
    from {{ versions }}

),

sequenced as (

    select
        *,
        {{ is_unchanged(values, 'in_order') }} as is_unchanged
    from heard
    where
        recency_in_load = 1
        and (source_rank = 1 or best_source_load_number is null or load_number < best_source_load_number)
    window in_order as (partition by {{ key }} order by load_number)

),

changed as (

    select
        *,
        row_number() over (partition by {{ key }} order by load_number) as row_in_history
    from sequenced
    where not is_unchanged

),

begun as (

    select
        *,
        max({{ add_microseconds('loaded_at', '-row_in_history') }}) over (
            partition by {{ key }} order by row_in_history
        ) as begun_at
    from changed

),

dated as (

    select
        *,
        {{ add_microseconds('begun_at', 'row_in_history') }} as dbt_valid_from
    from begun

),

history as (

    select
        {{ key }},
        {%- for value in values %}
        {{ value }},
        {%- endfor %}
        loaded_at,
        {{ hash_key([key, 'row_in_history']) }} as dbt_scd_id,
        loaded_at as dbt_updated_at,
        dbt_valid_from,
        lead(dbt_valid_from) over (partition by {{ key }} order by row_in_history) as dbt_valid_to
    from dated

)
{%- endmacro %}


{% macro take_snapshot(by_dbt, as_table) -%}
    {%- do note_fingerprint() -%}
    {%- if config.get('strategy') != 'all_versions' -%}
        {{ return(by_dbt()) }}
    {%- elif load_cached_relation(this) is none or not (is_history_up_to_date() or is_history_to_keep()) -%}
        {{ return(as_table()) }}
    {%- endif -%}
    {{ return(keep_history()) }}
{%- endmacro %}


{# As increments do, it looks for files and excluded aircraft that it does not hold, not for a changed rule. #}
{% macro is_history_up_to_date() -%}
    {{ return(
        not flags.FULL_REFRESH
        and ledger().get(model.name) == inputs_state()
        and get_columns_in_query(model.compiled_code) == adapter.get_columns_in_relation(this) | map(attribute='name') | list
    ) }}
{%- endmacro %}


{# A build that does not see all files that a history holds leaves it as it is, as one that `as_of` or `until_load` hide some
   from. Where raw has them no longer, --full-refresh makes it of what is in raw. #}
{% macro is_history_to_keep() -%}
    {%- if flags.EMPTY -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set held = ledger().get(model.name) -%}
    {%- if held is none or visible_state(held.load_number).load_set == held.load_set -%}
        {{ return(false) }}
    {%- elif find_visible_state(held.load_number, '(' ~ completed_files() ~ ')').load_set == held.load_set -%}
        {%- do log(model.name ~ ' stays as it is: files that it holds are left out of this build', info=true) -%}
        {{ return(true) }}
    {%- elif flags.FULL_REFRESH or var('as_of') is not none or var('until_load') is not none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- do exceptions.warn(
        model.name ~ ' stays as it is: raw does not have all files that it holds.'
        ~ ' If they are lost, --full-refresh makes it of those that are there.'
    ) -%}
    {{ return(true) }}
{%- endmacro %}


{# Even then, aircraft that were excluded meanwhile leave it. #}
{% macro keep_history() -%}
    {%- set columns = adapter.get_columns_in_relation(this) | map(attribute='name') -%}
    {%- call statement('main') -%}
        {{ drop_excluded_aircraft() if 'tail_number' in columns else 'select 1 as kept' }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [this]}) }}
{%- endmacro %}
