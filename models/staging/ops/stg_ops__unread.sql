with

source as (

    select * from {{ source('governance', 'unread') }}

),

files as (

    select * from {{ source('governance', 'visible_files') }}

),

renamed as (

    select
        -- ids
        {{ hash_key([
            'source.load_id', 'source.file', 'source.defect_type', 'source.column_name', 'source.rule',
        ]) }} as unread_key,

        -- strings
        source.source_name,
        source.defect_type,
        source.column_name,
        source.rule,
        source.example,

        -- numbers
        source.defect_count,
        files.load_number,

        -- dates
        source.defect_month
    from source
    inner join files
        on
            source.load_id = files.load_id
            and source.file = files.file

)

select * from renamed
