with

source as (

    select * from {{ source('ops', 'ingest_runs') }}

),

renamed as (

    select
        -- ids
        run_id as ingest_run_id,

        -- strings
        source as source_name,
        status as run_status,
        error as error_text,

        -- numbers
        files as file_count,
        rows as row_count,
        rejected_rows as rejected_row_count,
        bytes as byte_count,

        -- dates and timestamps
        period_start as period_start_date,
        period_end as period_end_date,
        started_at,
        ended_at
    from source

)

select * from renamed
