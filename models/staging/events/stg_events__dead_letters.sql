with

source as (

    select * from {{ source('events', 'dead_letters') }}

),

files as (

    {{ visible_files('events') }}

),

renamed as (

    select
        -- ids
        source.topic,
        source.topic_generation,
        source.topic_partition,
        source.topic_offset,

        -- strings
        source.key as message_key,
        source.document as document_text,
        source.reason,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source._source_line,
        files.load_number,

        -- timestamps
        source.taken_at,
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file

),

{{ records_once('renamed', date_column='taken_at') }}

select * from once
