with

versions as (

    select * from {{ ref('int_flight_versions') }}

),

airports as (

    select * from {{ ref('int_airports') }}

),

clocked as (

    select
        versions.*,
        origins.time_zone as origin_time_zone,
        destinations.time_zone as destination_time_zone,
        {{ add_minutes('cast(versions.flight_date as timestamp)', 'versions.scheduled_departure_clock_minutes') }}
            as scheduled_departure_local,
        {{ add_minutes('cast(versions.flight_date as timestamp)', 'versions.scheduled_arrival_clock_minutes') }}
            as same_day_arrival_local
    from versions
    left join airports as origins on versions.origin_airport_code = origins.airport_code
    left join airports as destinations on versions.destination_airport_code = destinations.airport_code

),

departures as (

    select
        clocked.*,
        {{ add_minutes('clocked.scheduled_departure_local', '-at_origin.utc_offset_minutes') }}
            as scheduled_departure_at,
        {{ add_minutes('clocked.same_day_arrival_local', '-at_destination.utc_offset_minutes') }}
            as same_day_arrival_at
    from clocked
    {{ join_utc_offset('at_origin', 'clocked.origin_time_zone', 'clocked.scheduled_departure_local', 'local') }}
    {{ join_utc_offset('at_destination', 'clocked.destination_time_zone', 'clocked.same_day_arrival_local', 'local') }}

),

-- the local day of arrival is the one that makes the flight take between nothing and a day
arrival_days as (

    select
        *,
        case
            when same_day_arrival_at <= scheduled_departure_at
                then {{ add_minutes('same_day_arrival_local', 1440) }}
            when same_day_arrival_at > {{ add_minutes('scheduled_departure_at', 1440) }}
                then {{ add_minutes('same_day_arrival_local', -1440) }}
            else same_day_arrival_local
        end as clock_arrival_local
    from departures

),

-- the scheduled elapsed time settles the arrival where it is reported
final as (

    select
        arrival_days.*,
        coalesce(
            {{ add_minutes('arrival_days.scheduled_departure_at', 'arrival_days.scheduled_elapsed_minutes') }},
            {{ add_minutes('arrival_days.clock_arrival_local', '-at_destination.utc_offset_minutes') }}
        ) as scheduled_arrival_at
    from arrival_days
    {{ join_utc_offset(
        'at_destination', 'arrival_days.destination_time_zone', 'arrival_days.clock_arrival_local', 'local'
    ) }}

)

select * from final
