with

versions as (

    select * from {{ ref('base_reference__airports') }}

),

newest as (

    {{ newest_version('versions', ['airport_code']) }}

)

select * from newest
