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

implausible as (

    {% for source_name, relation, happened_on in [
        ('bts', ref('stg_bts__flights'), 'flight_date'),
        ('nycflights13', ref('stg_nycflights13__flights'), 'flight_date'),
        ('nycflights13', ref('stg_nycflights13__weather'), 'observed_hour_at'),
        ('nycflights13', ref('stg_nycflights13__planes'), 'cast(null as date)'),
        ('nycflights13', ref('stg_nycflights13__airports'), 'cast(null as date)'),
        ('asos', ref('stg_asos__observations'), 'observed_at'),
        ('reference', ref('stg_reference__aircraft'), 'cast(null as date)'),
        ('reference', ref('stg_reference__airports'), 'cast(null as date)'),
    ] %}
        select
            '{{ source_name }}' as source,
            implausible_values,
            {{ month_start(happened_on) }} as defect_month,
            load_number
        from {{ relation }}
        where
            implausible_values is not null
            and {{ is_uncounted }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

rules as (

    select
        column_name,
        case
            when least_value is null then concat('is over ', greatest_value, ' ', unit)
            when greatest_value is null then concat('is under ', least_value, ' ', unit)
            else concat('is not within ', least_value, ' to ', greatest_value, ' ', unit)
        end as rule
    from {{ ref('plausible_values') }}

    union all

    select
        'cancellation_code' as column_name,
        'is none of A, B, C and D' as rule

),

judged as (

    select
        implausible.source,
        'impossible_value' as defect_type,
        rules.column_name,
        rules.rule,
        implausible.defect_month,
        count(*) as defect_count,
        min(
            split_part(
                split_part(concat('; ', implausible.implausible_values), concat('; ', rules.column_name, '='), 2), '; ', 1
            )
        ) as example,
        implausible.load_number
    from implausible
    inner join rules
        on {{ dbt.position(
            "concat('; ', rules.column_name, '=')", "concat('; ', implausible.implausible_values)"
        ) }} > 0
    group by 1, 3, 4, 5, 8

),

unioned as (

    select * from judged

    union all

    select
        source_name as source,
        defect_type,
        column_name,
        rule,
        defect_month,
        defect_count,
        example,
        load_number
    from {{ ref('stg_ops__unread') }}
    where {{ is_uncounted }}

),

final as (

    select
        {{ hash_key([
            'source', 'defect_type', 'column_name', 'rule', date_number('defect_month'), 'load_number',
        ]) }} as data_defect_key,
        source,
        defect_type,
        column_name,
        rule,
        defect_month,
        defect_count,
        example,
        load_number
    from unioned

)

select * from final
