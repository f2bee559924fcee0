{# Type-2 history of records, from all of their versions in raw, as CTEs of which `history` is the last: the rows that a
   snapshot (strategy check, `updated_at` the load) holds when it is taken after every load. For engines on which dbt
   takes no snapshots.

   versions: CTE with one row per record and version: the key, the values, `source_rank` (1 is heard before 2),
     `loaded_at`, and where in the load the row stood.
   key: the column that names the record.
   values: the columns whose change begins a new row. #}
{% macro history(versions, key, values) -%}
heard as (

    select
        *,
        min(case when source_rank = 1 then loaded_at end) over (partition by {{ key }}) as best_source_loaded_at,
        row_number() over (
            partition by {{ key }}, loaded_at
            order by source_rank asc, _dlt_load_id desc, _source_file desc, _source_line desc
        ) as recency_in_load
    from {{ versions }}

),

sequenced as (

    select
        *,
        row_number() over in_order as load_number,
        {{ is_unchanged(values, 'in_order') }} as is_unchanged
    from heard
    where
        recency_in_load = 1
        and (source_rank = 1 or best_source_loaded_at is null or loaded_at < best_source_loaded_at)
    window in_order as (partition by {{ key }} order by loaded_at)

),

history as (

    select
        {{ key }},
        {%- for value in values %}
        {{ value }},
        {%- endfor %}
        loaded_at,
        {{ hash_key([key, epoch_seconds('loaded_at')]) }} as dbt_scd_id,
        loaded_at as dbt_updated_at,
        loaded_at as dbt_valid_from,
        lead(loaded_at) over (partition by {{ key }} order by loaded_at) as dbt_valid_to
    from sequenced
    where
        load_number = 1
        or not is_unchanged

)
{%- endmacro %}
