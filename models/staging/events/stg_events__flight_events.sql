{% set bounded = {
    'scheduled_elapsed_minutes': 'source.scheduled_elapsed_minutes',
    'distance_miles': 'source.distance_miles',
    'air_time_minutes': 'source.air_time_minutes',
    'arrival_delay_minutes': 'source.arrival_delay_minutes',
    'carrier_delay_minutes': 'source.carrier_delay_minutes',
    'weather_delay_minutes': 'source.weather_delay_minutes',
    'nas_delay_minutes': 'source.nas_delay_minutes',
    'security_delay_minutes': 'source.security_delay_minutes',
    'late_aircraft_delay_minutes': 'source.late_aircraft_delay_minutes',
} %}

with

source as (

    select * from {{ source('events', 'flight_events') }}

),

files as (

    {{ visible_files('events') }}

),

bounds as (

    {{ plausible_bounds(bounded) }}

),

renamed as (

    select
        -- ids
        source.topic,
        source.topic_generation,
        source.topic_partition,
        source.topic_offset,
        source.carrier_code,
        source.flight_number,
        {{ known_tail_number('source.tail_number') }} as tail_number,
        source.origin_airport_code,
        source.destination_airport_code,

        -- strings
        source.event_type,
        source.scheduled_departure_clock,
        source.scheduled_arrival_clock,
        source.cancellation_code,
        {{ implausible_values(bounded) | indent(8) }} as implausible_values,
        {{ text_for_no_aircraft('source.tail_number') }} as text_for_no_aircraft,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        {% for column in bounded -%}
            {{ plausible(column, bounded) }} as {{ column }},
        {% endfor -%}
        source.schema_version,
        source._source_line,
        files.load_number,

        -- booleans
        coalesce(source.is_withdrawn, false) as is_withdrawn,

        -- dates and timestamps
        source.flight_date,
        source.occurred_at,
        source.taken_at,
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file
    cross join bounds

),

{{ records_once('renamed', date_column='flight_date') }}

select * from once
