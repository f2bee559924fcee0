{# Each flight that operated has one example at each horizon at which it had not left, and no other flight has any. #}
with

horizons as (

    {% for minutes in var('training_horizons_minutes') %}
        select {{ minutes }} as horizon_minutes
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

expected as (

    select
        flights.flight_key,
        horizons.horizon_minutes
    from {{ ref('fct_flights') }} as flights
    cross join horizons
    where
        not flights.is_cancelled
        and flights.departed_at
        > {{ add_minutes('flights.scheduled_departure_at', '-horizons.horizon_minutes') }}

),

examples as (

    select
        flight_key,
        horizon_minutes,
        count(*) as example_count
    from {{ ref('trn_departure_delay') }}
    group by 1, 2

)

select
    expected.flight_key,
    examples.example_count
from expected
full join examples
    on
        expected.flight_key = examples.flight_key
        and expected.horizon_minutes = examples.horizon_minutes
where
    expected.flight_key is null
    or coalesce(examples.example_count, 0) <> 1
