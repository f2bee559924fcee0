with

source as (

    select * from {{ source('reference', 'carriers') }}

),

loads as (

    {{ completed_loads('reference') }}

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

        -- timestamps
        loads.loaded_at
    from source
    inner join loads on source._dlt_load_id = loads._dlt_load_id

),

newest as (

    {{ newest_version('renamed', ['carrier_code', 'carrier_name', 'first_year']) }}

)

select * from newest
