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
        {{ known_tail_number('source.tail_number') }} as tail_number,
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
        {{ text_for_no_aircraft('source.tail_number') }} as text_for_no_aircraft,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        {% for column in bounded -%}
            {{ plausible(column, bounded) }} as {{ column }},
        {% endfor -%}
        source._source_line,
        files.load_number,

        -- booleans
        -- a column that the file lacks tells nothing: without the flags, what else the row tells of the flight does
        case
            when source.cancelled is not null then source.cancelled = 1
            when nullif(source.cancellation_code, '') is not null then true
            when
                coalesce(source.dep_time, source.wheels_off, source.wheels_on, source.arr_time) is not null
                or coalesce(
                    source.dep_delay, source.dep_delay_minutes, source.taxi_out, source.air_time, source.taxi_in,
                    source.arr_delay, source.arr_delay_minutes, source.actual_elapsed_time, source.div_reached_dest,
                    source.dep_del15, source.arr_del15
                ) is not null
                or source.diverted = 1
                then false
        end as is_cancelled,
        case
            when source.diverted is not null then source.diverted = 1
            when source.div_airport_landings > 0 then true
            when
                source.cancelled = 1
                or nullif(source.cancellation_code, '') is not null
                or source.div_airport_landings = 0
                -- of a diverted flight these are left empty
                or coalesce(source.arr_delay, source.arr_delay_minutes) is not null
                then false
        end as is_diverted,

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
