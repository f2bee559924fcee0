{# Each flight of a population that has the label has one example at each horizon at which it was not settled yet, and no
   other flight has any. Found from the facts alone.

   question           its name, which tells what is kept
   horizons_minutes   minutes before the scheduled departure; 0 stands for the departure
   has_label          condition on fct_flights
   settled_at         expression on fct_flights: from then on there is nothing to predict
   population         conditions on fct_flights #}
{% test has_every_example(model, question, horizons_minutes, has_label, settled_at, population=[]) %}
    with

    horizons as (

        {% for minutes in horizons_minutes %}
        select {{ minutes }} as horizon_minutes
        {% if not loop.last %}union all{% endif %}
        {% endfor %}

    ),

    {% if 0 in horizons_minutes %}
    departures as (

        select
            flight_key,
            min(known_at) as departure_known_at
        from {{ ref('fct_flight_events') }}
        where event_type = 'departure'
        group by 1

    ),
    {% endif %}

    flights as (

        select
            *,
            {{ settled_at }} as settled_at
        from {{ ref('fct_flights') }}
        where
            ({{ has_label }})
            and {{ is_date_kept(question, 'flight_month') }}
            {%- for condition in population %}
            and {{ condition }}
            {%- endfor %}

    ),

    expected as (

        select
            flights.flight_key,
            horizons.horizon_minutes
        from flights
        cross join horizons
        {%- if 0 in horizons_minutes %}
        left join departures
            on flights.flight_key = departures.flight_key
        {%- endif %}
        where
            flights.settled_at > {{ prediction_instant(horizons_minutes) }}

    ),

    examples as (

        select
            flight_key,
            horizon_minutes,
            count(*) as example_count
        from {{ model }}
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
{% endtest %}
