with

source as (

    select * from {{ source('nycflights13', 'planes') }}

),

loads as (

    {{ completed_loads('nycflights13') }}

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

        -- timestamps
        loads.loaded_at
    from source
    inner join loads on source._dlt_load_id = loads._dlt_load_id

)

select * from renamed
