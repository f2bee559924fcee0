with

source as (

    select * from {{ source('reference', 'airports') }}

),

files as (

    {{ visible_files('reference') }}

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
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source.lat as latitude_degrees,
        source.lon as longitude_degrees,
        {{ whole_number('source.elevation') }} as elevation_ft,
        source._source_line,
        files.load_number,

        -- timestamps
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file

)

select * from renamed
