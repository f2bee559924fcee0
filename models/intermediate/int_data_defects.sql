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

{% set flight = [
    date_number('flight_date'), 'carrier_code', 'flight_number', 'origin_airport_code', 'destination_airport_code',
    clock_minutes('scheduled_departure_clock'),
] %}
{% set no_date = 'cast(null as date)' %}

-- a file's defects never change: those of files that were not counted yet are added
with

implausible as (

    {% for source_name, relation, record, happened_on in [
        ('bts', ref('stg_bts__flights'), flight, 'flight_date'),
        ('events', ref('stg_events__flight_events'), flight, 'flight_date'),
        ('nycflights13', ref('stg_nycflights13__flights'), flight, 'flight_date'),
        (
            'nycflights13', ref('stg_nycflights13__weather'), ['airport_code', epoch_seconds('observed_hour_at')],
            'observed_hour_at',
        ),
        ('nycflights13', ref('stg_nycflights13__planes'), ['tail_number'], no_date),
        ('nycflights13', ref('stg_nycflights13__airports'), ['airport_code'], no_date),
        ('asos', ref('stg_asos__observations'), ['station_code', epoch_seconds('observed_at')], 'observed_at'),
        (
            'events', ref('stg_events__weather_reports'), ['station_code', epoch_seconds('observed_at')], 'observed_at',
        ),
        ('reference', ref('stg_reference__aircraft'), ['tail_number'], no_date),
        ('reference', ref('stg_reference__airports'), ['airport_code'], no_date),
    ] %}
        {% set values = 'implausible_values' if record != flight
            else "concat_ws('; ', implausible_values, 'tail_number=' || text_for_no_aircraft)" %}
        select
            '{{ source_name }}' as source,
            {{ hash_key(record) }} as record_key,
            concat('; ', {{ values }}) as implausible_values,
            {{ month_start(happened_on) }} as defect_month,
            _source_line,
            load_number
        from {{ relation }}
        where
            {{ values }} <> ''
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

    union all

    select
        'tail_number' as column_name,
        'stands for no aircraft' as rule

),

unioned as (

    select
        implausible.source,
        'impossible_value' as defect_type,
        rules.column_name,
        rules.rule,
        implausible.record_key,
        split_part(split_part(implausible.implausible_values, concat('; ', rules.column_name, '='), 2), '; ', 1)
            as example,
        1 as defect_count,
        implausible.defect_month,
        implausible._source_line,
        implausible.load_number
    from implausible
    inner join rules
        on {{ dbt.position("concat('; ', rules.column_name, '=')", 'implausible.implausible_values') }} > 0

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
