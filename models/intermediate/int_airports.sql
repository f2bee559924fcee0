{{ config(materialized='table') }}

with

stretches as (

    select * from {{ ref('int_airport_history') }}

),

in_force as (

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
        latitude_degrees,
        longitude_degrees,
        elevation_ft,
        source,
        loaded_at
    from stretches
    where dbt_valid_to is null

),

corrections as (

    select * from {{ ref('int_airport_corrections') }}

),

corrected as (

    select
        in_force.airport_code,
        in_force.iata_code,
        in_force.icao_code,
        in_force.faa_code,
        in_force.airport_name,
        in_force.city_name,
        in_force.subdivision_name,
        in_force.country_code,
        coalesce(corrections.time_zone, in_force.time_zone) as time_zone,
        in_force.latitude_degrees,
        in_force.longitude_degrees,
        in_force.elevation_ft,
        in_force.source,
        in_force.loaded_at
    from in_force
    left join corrections on in_force.airport_code = corrections.airport_code

    union all

    select
        corrections.airport_code,
        corrections.iata_code,
        corrections.icao_code,
        corrections.faa_code,
        corrections.airport_name,
        corrections.city_name,
        corrections.subdivision_name,
        corrections.country_code,
        corrections.time_zone,
        corrections.latitude_degrees,
        corrections.longitude_degrees,
        corrections.elevation_ft,
        'airport_corrections' as source,
        corrections.loaded_at
    from corrections
    left join in_force on corrections.airport_code = in_force.airport_code
    where
        corrections.correction_type = 'add'
        and in_force.airport_code is null

)

select * from corrected
