with

source as (

    select * from {{ source('reference', 'aircraft') }}

),

loads as (

    {{ completed_loads('reference') }}

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

        -- timestamps
        loads.loaded_at
    from source
    inner join loads on source._dlt_load_id = loads._dlt_load_id

)

select * from renamed
