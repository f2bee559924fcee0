with

source as (

    select * from {{ source('reference', 'time_zone_offsets') }}

),

loads as (

    {{ completed_loads('reference') }}

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

        -- timestamps
        source.utc_from,
        source.utc_to,
        loads.loaded_at
    from source
    inner join loads on source._dlt_load_id = loads._dlt_load_id

),

-- a new edition of the rules replaces the whole of a zone's
ranked as (

    select
        *,
        dense_rank() over (partition by time_zone order by loaded_at desc, _dlt_load_id desc) as edition_recency
    from renamed

),

newest_edition as (

    select *
    from ranked
    where edition_recency = 1

)

select * from newest_edition
