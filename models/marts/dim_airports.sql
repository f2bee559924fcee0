with

airports as (

    select * from {{ ref('int_airports') }}

),

final as (

    select
        airport_code,
        iata_code,
        icao_code,
        faa_code,
        airport_name,
        city_name,
        subdivision_name,
        country_code,
        time_zone,
        cast(latitude_degrees as decimal(9, 6)) as latitude_degrees,
        cast(longitude_degrees as decimal(9, 6)) as longitude_degrees,
        cast(elevation_ft as integer) as elevation_ft,
        source
    from airports
    where time_zone is not null

)

select * from final
