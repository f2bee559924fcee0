with

source as (

    select * from {{ source('nycflights13', 'airlines') }}

),

loads as (

    {{ completed_loads('nycflights13') }}

),

renamed as (

    select
        -- ids
        source.carrier as carrier_code,

        -- strings
        source.name as carrier_name,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source._source_line,

        -- timestamps
        loads.loaded_at
    from source
    inner join loads on source._dlt_load_id = loads._dlt_load_id

),

newest as (

    {{ newest_version('renamed', ['carrier_code']) }}

)

select * from newest
