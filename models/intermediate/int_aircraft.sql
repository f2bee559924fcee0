with

stretches as (

    select * from {{ ref('int_aircraft_history') }}

),

in_force as (

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
        source,
        loaded_at
    from stretches
    where dbt_valid_to is null

)

select * from in_force
