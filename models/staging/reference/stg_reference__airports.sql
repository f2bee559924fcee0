{% set bounded = {
    'latitude_degrees': 'source.lat',
    'longitude_degrees': 'source.lon',
    'elevation_ft': 'source.elevation',
} %}

with

source as (

    select * from {{ source('reference', 'airports') }}

),

files as (

    {{ visible_files('reference') }}

),

bounds as (

    {{ plausible_bounds(bounded) }}

),

renamed as (

    select
        -- ids
        source.airport_code,
        nullif(source.iata, '') as iata_code,
        nullif(source.icao, '') as icao_code,
        nullif(source.lid, '') as faa_code,

        -- strings
        source.name as airport_name,
        nullif(source.city, '') as city_name,
        nullif(source.subd, '') as subdivision_name,
        source.country as country_code,
        source.tz as time_zone,
        {{ implausible_values(bounded) | indent(8) }} as implausible_values,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        {{ plausible('latitude_degrees', bounded) }} as latitude_degrees,
        {{ plausible('longitude_degrees', bounded) }} as longitude_degrees,
        {{ whole_number(plausible('elevation_ft', bounded)) }} as elevation_ft,
        source._source_line,
        files.load_number,

        -- timestamps
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file
    cross join bounds

)

select * from renamed
