{% set names = [
    'flight_key', 'flight_date', 'carrier_code', 'flight_number', 'origin_airport_code', 'destination_airport_code',
    'scheduled_departure_clock_minutes',
] %}
{% set values = [
    'source', 'tail_number', 'departure_clock_minutes', 'scheduled_arrival_clock_minutes', 'arrival_clock_minutes',
    'scheduled_elapsed_minutes', 'departure_delay_minutes', 'arrival_delay_minutes', 'is_cancelled', 'is_diverted',
    'cancellation_code', 'air_time_minutes', 'distance_miles', 'carrier_delay_minutes', 'weather_delay_minutes',
    'nas_delay_minutes', 'security_delay_minutes', 'late_aircraft_delay_minutes', 'told_departed_at', 'told_arrived_at',
    'is_hidden',
] %}

with

records as (

    select * from {{ ref('int_flight_records') }}

),

month_files as (

    select * from {{ ref('int_flight_month_files') }}

),

{{ records_that_count('records', 'month_files', names, values) }},

numbered as (

    select
        *,
        sum(is_change) over (
            partition by flight_date, flight_key
            order by {{ state_order() }}
            rows between unbounded preceding and current row
        ) as version_number
    from compared

),

-- a version holds until the next, or until the file that replaced the month of its last repetition
repeated as (

    select
        *,
        last_value(replaced_load_number) over in_version as last_replaced_load_number,
        last_value(replaced_at) over in_version as last_replaced_at
    from numbered
    window in_version as (
        partition by flight_date, flight_key, version_number
        order by {{ state_order() }}
        rows between unbounded preceding and unbounded following
    )

),

succeeded as (

    select
        *,
        coalesce(lead(load_number) over in_order <= last_replaced_load_number, last_replaced_load_number is null)
            as is_succeeded,
        lead(load_number) over in_order as next_load_number,
        lead(coalesce(taken_at, loaded_at)) over in_order as next_begun_at
    from repeated
    where is_change = 1
    window in_order as (partition by flight_date, flight_key order by {{ state_order() }})

),

ended as (

    select
        *,
        case when is_succeeded then next_load_number else last_replaced_load_number end as superseded_load_number,
        case when is_succeeded then next_begun_at else last_replaced_at end as ended_at
    from succeeded

),

{% set columns = names + values + ['load_number', 'loaded_at'] %}
-- whatever the loaders' clocks showed, no two versions hold at one instant
versions as (

    select
        {{ columns | join(',\n        ') }},
        1 as version_number,
        cast(null as timestamp) as corrected_at,
        replaced_load_number as superseded_load_number,
        replaced_at as superseded_at
    from replaced
    where
        record_count = 1
        and event_type is null

    union all

    select
        {{ columns | join(',\n        ') }},
        version_number,
        -- an event is known from when the broker took it, the first too
        coalesce(taken_at, case when version_number > 1 then loaded_at end) as corrected_at,
        superseded_load_number,
        min(ended_at) over (
            partition by flight_date, flight_key
            order by {{ state_order() }}
            rows between current row and unbounded following
        ) as superseded_at
    from ended

)

select * from versions
where not coalesce(is_hidden, false)
