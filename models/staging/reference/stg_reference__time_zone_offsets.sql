with

source as (

    select * from {{ source('reference', 'time_zone_offsets') }}

),

files as (

    {{ visible_files('reference') }}

),

renamed as (

    select
        -- ids
        source.time_zone,

        -- strings
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source.utc_offset_minutes,
        source._source_line,
        files.load_number,

        -- timestamps
        source.utc_from,
        source.utc_to,
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file

)

select * from renamed
