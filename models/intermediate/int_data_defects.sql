{{ config(
    materialized='incremental',
    incremental_strategy=increment_strategy(),
    partition_by='load_number',
    on_schema_change='fail',
) }}

{% set held = held_state() %}
{% set is_uncounted = 'true' if held is none
    else 'false' if held.load_number == held.inputs.load_number
    else 'load_number > ' ~ held.load_number %}

-- a file's defects never change: those of files that were not counted yet are added
with

unioned as (

    select
        source,
        'impossible_value' as defect_type,
        column_name,
        rule,
        record_key,
        example,
        1 as defect_count,
        defect_month,
        _source_line,
        load_number
    from {{ ref('int_implausible_values') }}
    where {{ is_uncounted }}

    union all

    select
        source_name as source,
        defect_type,
        column_name,
        rule,
        record_key,
        example,
        defect_count,
        defect_month,
        _source_line,
        load_number
    from {{ ref('stg_ops__unread') }}
    where {{ is_uncounted }}

    union all

    select
        'events' as source,
        'rejected_row' as defect_type,
        cast(null as {{ dbt.type_string() }}) as column_name,
        split_part(reason, ':', 1) as rule,
        {{ hash_key(['topic', 'topic_generation', 'topic_partition', 'topic_offset']) }} as record_key,
        reason as example,
        1 as defect_count,
        {{ month_start('taken_at') }} as defect_month,
        _source_line,
        load_number
    from {{ ref('stg_events__dead_letters') }}
    where {{ is_uncounted }}

),

final as (

    select
        {{ hash_key(['load_number', '_source_line', 'defect_type', 'column_name', 'rule']) }} as data_defect_key,
        *
    from unioned

)

select * from final
