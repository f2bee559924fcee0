{% set bounded = {
    'departure_delay_minutes': 'source.dep_delay',
    'arrival_delay_minutes': 'source.arr_delay',
    'air_time_minutes': 'source.air_time',
    'distance_miles': 'source.distance',
} %}

with

source as (

    select * from {{ source('nycflights13', 'flights') }}

),

files as (

    {{ visible_files('nycflights13') }}

),

bounds as (

    {{ plausible_bounds(bounded) }}

),

renamed as (

    select
        -- ids
        source.carrier as carrier_code,
        source.flight as flight_number,
        {{ known_tail_number('source.tailnum') }} as tail_number,
        source.origin as origin_airport_code,
        source.dest as destination_airport_code,

        -- strings
        source.sched_dep_time as scheduled_departure_clock,
        source.dep_time as departure_clock,
        source.sched_arr_time as scheduled_arrival_clock,
        source.arr_time as arrival_clock,
        {{ implausible_values(bounded) | indent(8) }} as implausible_values,
        {{ text_for_no_aircraft('source.tailnum') }} as text_for_no_aircraft,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        {% for column in bounded -%}
            {{ plausible(column, bounded) }} as {{ column }},
        {% endfor -%}
        source._source_line,
        files.load_number,

        -- booleans
        source.dep_time is null as is_cancelled,
        source.dep_time is not null and source.arr_delay is null as is_diverted,

        -- dates and timestamps
        {{ date_from_parts('source.year', 'source.month', 'source.day') }} as flight_date,
        source.time_hour as scheduled_departure_hour_at,
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file
    cross join bounds

)

select * from renamed
