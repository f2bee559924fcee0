with

source as (

    select * from {{ source('events', 'dead_letters') }}

),

files as (

    {{ visible_files('events') }}

),

{{ records_once('source', 'files', date_column='taken_at') }},

renamed as (

    select
        -- ids
        once.topic,
        once.topic_generation,
        once.topic_partition,
        once.topic_offset,

        -- strings
        once.key as message_key,
        once.document as document_text,
        once.reason,
        once._source_file,
        once._dlt_load_id,

        -- numbers
        once._source_line,
        once.load_number,

        -- timestamps
        once.taken_at,
        once.loaded_at
    from once

)

select * from renamed
