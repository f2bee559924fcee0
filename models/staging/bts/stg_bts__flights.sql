{% set bounded = {
    'departure_delay_minutes': 'source.dep_delay',
    'departure_delay_floored_minutes': 'source.dep_delay_minutes',
    'arrival_delay_minutes': 'source.arr_delay',
    'arrival_delay_floored_minutes': 'source.arr_delay_minutes',
    'diverted_arrival_delay_minutes': 'source.div_arr_delay',
    'scheduled_elapsed_minutes': 'source.crs_elapsed_time',
    'air_time_minutes': 'source.air_time',
    'distance_miles': 'source.distance',
    'carrier_delay_minutes': 'source.carrier_delay',
    'weather_delay_minutes': 'source.weather_delay',
    'nas_delay_minutes': 'source.nas_delay',
    'security_delay_minutes': 'source.security_delay',
    'late_aircraft_delay_minutes': 'source.late_aircraft_delay',
} %}

{% set is_no_cancellation_code = "source.cancellation_code not in ('A', 'B', 'C', 'D', '')" %}

with

source as (

    select * from {{ source('bts', 'flights') }}

),

files as (

    {{ visible_files('bts') }}

),

bounds as (

    {{ plausible_bounds(bounded) }}

),

renamed as (

    select
        -- ids
        source.reporting_airline as reporting_carrier_code,
        -- a code that was used before carries a number behind it, as in `PA (1)`
        coalesce(
            source.iata_code_reporting_airline, trim(split_part(source.reporting_airline, '(', 1))
        ) as carrier_code,
        source.dot_id_reporting_airline as carrier_dot_id,
        source.flight_number_reporting_airline as flight_number,
        nullif(trim(source.tail_number), '') as tail_number,
        source.origin as origin_airport_code,
        source.origin_airport_id as origin_airport_dot_id,
        source.dest as destination_airport_code,
        source.dest_airport_id as destination_airport_dot_id,

        -- strings
        source.crs_dep_time as scheduled_departure_clock,
        source.dep_time as departure_clock,
        source.crs_arr_time as scheduled_arrival_clock,
        source.arr_time as arrival_clock,
        case when not {{ is_no_cancellation_code }} then nullif(source.cancellation_code, '') end as cancellation_code,
        {{ implausible_values(
            bounded, [('cancellation_code', 'source.cancellation_code', is_no_cancellation_code)]
        ) | indent(8) }} as implausible_values,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        {% for column in bounded -%}
            {{ plausible(column, bounded) }} as {{ column }},
        {% endfor -%}
        source._source_line,
        files.load_number,

        -- booleans
        case
            when source.cancelled is not null then source.cancelled = 1
            else source.dep_time is null and source.dep_delay is null and source.dep_delay_minutes is null
        end as is_cancelled,
        coalesce(source.diverted = 1, false) as is_diverted,

        -- dates and timestamps
        source.flight_date,
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file
    cross join bounds

)

select * from renamed
