{# Each flight that operated has one example a horizon, and no other flight has any. #}
with

examples as (

    select
        flight_key,
        count(*) as example_count
    from {{ ref('trn_departure_delay') }}
    group by 1

),

operated as (

    select flight_key
    from {{ ref('fct_flights') }}
    where
        not is_cancelled
        and departed_at is not null

)

select
    operated.flight_key,
    examples.example_count
from operated
full join examples on operated.flight_key = examples.flight_key
where
    operated.flight_key is null
    or coalesce(examples.example_count, 0) <> 3
