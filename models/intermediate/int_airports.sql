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

)

select * from in_force
