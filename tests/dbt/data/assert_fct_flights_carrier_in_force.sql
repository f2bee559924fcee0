{# No flight finds two holders of its carrier's code on its date. One that finds none is counted in rpt_data_quality. #}
with

flight_days as (

    select
        carrier_code,
        flight_date,
        count(*) as flight_count
    from {{ ref('fct_flights') }}
    group by 1, 2

)

select
    flight_days.carrier_code,
    flight_days.flight_date,
    count(carriers.carrier_key) as holder_count
from flight_days
inner join (select * from {{ ref('dim_carriers') }}) as carriers
    on
        flight_days.carrier_code = carriers.carrier_code
        and flight_days.flight_date >= carriers.valid_from
        and (carriers.valid_to is null or flight_days.flight_date < carriers.valid_to)
group by 1, 2
having count(carriers.carrier_key) > 1
