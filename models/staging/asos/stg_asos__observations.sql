with

versions as (

    select * from {{ ref('base_asos__observations') }}

),

newest as (

    {{ newest_version('versions', ['station_code', 'observed_at']) }}

)

select * from newest
