with

source as (

    select * from {{ source('reference', 'carriers') }}

),

files as (

    {{ visible_files('reference') }}

),

renamed as (

    select
        -- ids
        source.carrier_code,

        -- strings
        source.carrier_name,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source.first_year,
        source.last_year,
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
