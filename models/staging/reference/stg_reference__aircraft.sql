with

source as (

    select * from {{ source('reference', 'aircraft') }}

),

files as (

    {{ visible_files('reference') }}

),

renamed as (

    select
        -- ids
        source.tail_number,

        -- strings
        source.manufacturer,
        source.model,
        source.aircraft_type,
        source.engine_type,
        source.registry,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source.engine_count,
        source.seat_count,
        source.cruise_speed_mph,
        source.year_manufactured,
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
