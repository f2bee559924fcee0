with

source as (

    select * from {{ source('governance', 'visible_files') }}

),

renamed as (

    select
        -- ids
        file as file_name,
        load_id as _dlt_load_id,

        -- strings
        coverage,

        -- numbers
        load_number,

        -- dates and timestamps
        period_start as period_start_date,
        period_end as period_end_date,
        loaded_at
    from source
    where source_name = 'bts'

)

select * from renamed
