with

versions as (

    select * from {{ ref('base_reference__aircraft') }}

),

newest as (

    {{ newest_version('versions', ['tail_number']) }}

)

select * from newest
