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
            'source.line_number',
        ]) }} as unread_key,
        source.text_hash as record_key,

        -- strings
        source.source_name,
        source.defect_type,
        source.column_name,
        source.rule,
        source.example,

        -- numbers
        source.defect_count,
        source.line_number as _source_line,
        files.load_number,

        -- dates
        case
            when
                files.coverage = 'month'
                or {{ month_start('files.period_start') }} = {{ month_start('files.period_end') }}
                then {{ month_start('files.period_start') }}
        end as defect_month
    from source
    inner join files
        on
            source.load_id = files.load_id
            and source.file = files.file

)

select * from renamed
