{% set bounded = {
    'scheduled_elapsed_minutes': 'once.scheduled_elapsed_minutes',
    'distance_miles': 'once.distance_miles',
    'air_time_minutes': 'once.air_time_minutes',
    'arrival_delay_minutes': 'once.arrival_delay_minutes',
    'carrier_delay_minutes': 'once.carrier_delay_minutes',
    'weather_delay_minutes': 'once.weather_delay_minutes',
    'nas_delay_minutes': 'once.nas_delay_minutes',
    'security_delay_minutes': 'once.security_delay_minutes',
    'late_aircraft_delay_minutes': 'once.late_aircraft_delay_minutes',
} %}

with

source as (

    select * from {{ source('events', 'flight_events') }}

),

files as (

    {{ visible_files('events') }}

),

{{ records_once('source', 'files', date_column='flight_date') }},

bounds as (

    {{ plausible_bounds(bounded) }}

),

renamed as (

    select
        -- ids
        once.topic,
        once.topic_generation,
        once.topic_partition,
        once.topic_offset,
        once.carrier_code,
        once.flight_number,
        {{ known_tail_number('once.tail_number') }} as tail_number,
        once.origin_airport_code,
        once.destination_airport_code,

        -- strings
        once.event_type,
        once.scheduled_departure_clock,
        once.scheduled_arrival_clock,
        once.cancellation_code,
        {{ implausible_values(bounded) | indent(8) }} as implausible_values,
        {{ text_for_no_aircraft('once.tail_number') }} as text_for_no_aircraft,
        once._source_file,
        once._dlt_load_id,

        -- numbers
        {% for column in bounded -%}
            {{ plausible(column, bounded) }} as {{ column }},
        {% endfor -%}
        once.schema_version,
        once._source_line,
        once.load_number,

        -- booleans
        coalesce(once.is_withdrawn, false) as is_withdrawn,

        -- dates and timestamps
        once.flight_date,
        once.occurred_at,
        once.taken_at,
        once.loaded_at
    from once
    cross join bounds

)

select * from renamed
