with

aircraft as (

    select * from {{ ref('int_aircraft') }}

),

final as (

    select
        tail_number,
        manufacturer,
        model,
        aircraft_type,
        engine_type,
        cast(engine_count as integer) as engine_count,
        cast(seat_count as integer) as seat_count,
        cast(cruise_speed_mph as integer) as cruise_speed_mph,
        cast(year_manufactured as integer) as year_manufactured,
        source
    from aircraft

)

select * from final
