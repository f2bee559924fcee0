with

records as (

    select * from {{ ref('int_flight_records') }}

),

-- once the better source has spoken of a flight, the other is heard no more
best_source as (

    select
        *,
        min(case when source_rank = 1 then loaded_at end) over (
            partition by flight_date, flight_key
        ) as best_source_loaded_at
    from records

),

sequenced as (

    select
        *,
        row_number() over (
            partition by flight_date, flight_key
            order by loaded_at asc, source_rank desc, _dlt_load_id asc, _source_file asc, _source_line asc
        ) as version_number,
        min(loaded_at) over (partition by flight_date, flight_key) as first_loaded_at,
        lead(loaded_at) over (
            partition by flight_date, flight_key
            order by loaded_at asc, source_rank desc, _dlt_load_id asc, _source_file asc, _source_line asc
        ) as superseded_at,
        lead(1) over (
            partition by flight_date, flight_key
            order by loaded_at asc, source_rank desc, _dlt_load_id asc, _source_file asc, _source_line asc
        ) is null as is_newest_version
    from best_source
    where
        source_rank = 1
        or best_source_loaded_at is null
        or loaded_at < best_source_loaded_at

),

versions as (

    select
        flight_key,
        version_number,
        is_newest_version,
        case when loaded_at > first_loaded_at then loaded_at end as corrected_at,
        superseded_at,
        source,
        flight_date,
        carrier_code,
        flight_number,
        tail_number,
        origin_airport_code,
        destination_airport_code,
        scheduled_departure_clock_minutes,
        scheduled_arrival_clock_minutes,
        arrival_clock_minutes,
        scheduled_elapsed_minutes,
        departure_delay_minutes,
        arrival_delay_minutes,
        is_cancelled,
        is_diverted,
        cancellation_code,
        air_time_minutes,
        distance_miles,
        carrier_delay_minutes,
        weather_delay_minutes,
        nas_delay_minutes,
        security_delay_minutes,
        late_aircraft_delay_minutes,
        loaded_at,
        _dlt_load_id
    from sequenced

)

select * from versions
