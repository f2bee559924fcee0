with

versions as (

    select * from {{ ref('int_flight_versions') }}

),

airports as (

    select * from {{ ref('int_airports') }}

),

local_times as (

    select
        versions.*,
        origins.airport_code is not null as is_origin_known,
        destinations.airport_code is not null as is_destination_known,
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

clocks as (

    select
        local_times.*,
        {{ clock_columns('at_origin', 'origin') }},
        {{ clock_columns('at_destination', 'destination') }}
    from local_times
    {{ join_utc_offset('at_origin', 'local_times.origin_time_zone', 'local_times.scheduled_departure_local', 'local') }}
    {{ join_utc_offset(
        'at_destination',
        'local_times.destination_time_zone',
        'coalesce(local_times.same_day_arrival_local, local_times.scheduled_departure_local)',
        'local',
    ) }}

),

-- what keeps a flight from being put on the clock
final as (

    select
        *,
        case
            when not is_origin_known then 'airport unknown'
            when origin_time_zone is null then 'no time zone'
            when scheduled_departure_local is null then 'no scheduled departure clock'
            when origin_utc_offset_minutes is null then 'no clock rules'
        end as origin_unplaced_reason,
        case
            when not is_destination_known then 'airport unknown'
            when destination_time_zone is null then 'no time zone'
            when scheduled_departure_local is not null and destination_utc_offset_minutes is null
                then 'no clock rules'
        end as destination_unplaced_reason
    from clocks

)

select * from final
