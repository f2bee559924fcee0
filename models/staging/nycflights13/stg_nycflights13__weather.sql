with

versions as (

    select * from {{ ref('base_nycflights13__weather') }}

),

newest as (

    {{ newest_version('versions', ['airport_code', 'observed_hour_at']) }}

)

select * from newest
