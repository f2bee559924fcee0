{{ config(
    materialized='incremental',
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    pre_hook="{{ delete_examples_to_build(ref('fct_flights'), ref('fct_flight_events'), ref('int_weather_report_versions')) }}",
) }}

{% set changes = examples_to_build(ref('fct_flights'), ref('fct_flight_events'), ref('int_weather_report_versions')) %}
{% set groups = {
    'origin': [ref('feat_origin_departures'), ['origin_airport_code']],
    'carrier': [ref('feat_carrier_departures'), ['carrier_code']],
    'carrier_origin': [ref('feat_carrier_origin_departures'), ['carrier_code', 'origin_airport_code']],
    'route': [ref('feat_route_flights'), ['origin_airport_code', 'destination_airport_code']],
    'aircraft': [ref('feat_aircraft_rotation'), ['tail_number']],
    'origin_weather': [ref('feat_origin_weather'), ['origin_airport_code']],
} %}

with

horizons as (

    {% for minutes in var('training_horizons_minutes') %}
        select {{ minutes }} as horizon_minutes
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

labels as (

    select * from {{ ref('lbl_departure_delay') }}

),

scheduled as (

    select
        flights.flight_key,
        horizons.horizon_minutes,
        {{ add_minutes('flights.scheduled_departure_at', '-horizons.horizon_minutes') }} as prediction_at,
        flights.flight_date,
        flights.carrier_code,
        flights.flight_number,
        case when horizons.horizon_minutes <= {{ var('aircraft_known_minutes') }} then flights.tail_number end
            as tail_number,
        flights.origin_airport_code,
        flights.destination_airport_code,
        flights.distance_miles,
        flights.scheduled_departure_at,
        flights.scheduled_arrival_at,
        flights.scheduled_departure_local,
        dates.iso_day_of_week,
        dates.month_number,
        dates.is_us_holiday,
        labels.is_departure_delayed_15,
        labels.departure_delay_minutes as label_departure_delay_minutes,
        labels.departed_at,
        labels.known_at as label_known_at
    from (select * from {{ ref('fct_flights') }}) as flights
    inner join labels on flights.flight_key = labels.flight_key
    inner join dates on flights.flight_date = dates.date_day
    cross join horizons
    where not flights.is_cancelled

),

spine as (

    {# of a flight that has left there is nothing to predict; its label is known from then on #}
    select *
    from scheduled
    where
        departed_at > prediction_at
        and {{ is_example_to_build(changes) }}

),

{% set joined = namespace(relation='spine') %}
{{ features_in_force(groups, joined, changes) }}
final as (

    select
        -- keys
        examples.flight_key,
        examples.horizon_minutes,
        examples.carrier_code,
        examples.flight_number,
        examples.tail_number,
        examples.origin_airport_code,
        examples.destination_airport_code,

        -- what the schedule says
        examples.distance_miles,
        {{ minutes_between('examples.scheduled_departure_at', 'examples.scheduled_arrival_at') }}
            as scheduled_elapsed_minutes,
        {{ hour_of_day('examples.scheduled_departure_local') }} as scheduled_departure_local_hour,
        examples.iso_day_of_week,
        examples.month_number,
        examples.is_us_holiday,

        -- features in force at the prediction
        {% for group, (features, keys) in groups.items() %}
            {% set ages = age_names(features.identifier) %}
            {% for column in feature_columns(features.identifier) %}
                examples.{{ group }}__{{ column }},
                {% if column in ages %}
                    {{ age_minutes('examples.' ~ group ~ '__' ~ column, 'examples.prediction_at') }}
                        as {{ group }}__{{ ages[column] }},
                {% endif %}
            {% endfor %}
            {{ fresh_known_at('examples', group, maximum_age_minutes(features.identifier)) }} as {{ group }}__known_at,
        {% endfor %}

        -- label
        examples.is_departure_delayed_15,
        examples.label_departure_delay_minutes,

        -- dates and timestamps
        examples.flight_date,
        examples.scheduled_departure_at,
        examples.prediction_at,
        examples.label_known_at,
        {{ month_start('examples.flight_date') }} as flight_month
    from {{ joined.relation }} as examples

)

select * from final
