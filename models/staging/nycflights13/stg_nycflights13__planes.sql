with

versions as (

    select * from {{ ref('base_nycflights13__planes') }}

),

newest as (

    {{ newest_version('versions', ['tail_number']) }}

)

select * from newest
