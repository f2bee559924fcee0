{# The examples of a question: one row for each flight of its population and horizon, with what the schedule says, the
   features in force at the prediction and the label. `question` is what `ontime questions compile` makes of its file:

   name                question's name
   label               `model` of the label, its instant of truth (`settled_at`), and by name the `columns` to take
   horizons_minutes    minutes from the prediction to the scheduled departure; 0 stands for a prediction at the departure
   population          conditions on fct_flights
   groups              by name the table of `features`, its `keys` and the `columns` to take #}
{% macro examples_of(question) -%}
{%- set changes = examples_to_build(question) -%}
{%- set groups = {} -%}
{%- for group, wanted in question.groups.items() -%}
    {%- do groups.update({group: [ref(wanted.features), wanted['keys'], wanted.columns]}) -%}
{%- endfor -%}
{%- set joined = namespace(relation='spine') -%}
with

horizons as (

    {% for minutes in question.horizons_minutes %}
        select {{ minutes }} as horizon_minutes
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

labels as (

    select * from {{ ref(question.label.model) }}

),

{% if 0 in question.horizons_minutes %}
-- when it first was known that a flight had left
departures as (

    select
        flight_key,
        min(known_at) as departure_known_at
    from {{ ref('fct_flight_events') }}
    where event_type = 'departure'
    group by 1

),

{% endif %}
scheduled as (

    select
        flights.flight_key,
        horizons.horizon_minutes,
        {{ prediction_instant(question.horizons_minutes) }} as prediction_at,
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
        {% for name, source in question.label.columns.items() %}
            labels.{{ source }} as {{ name }},
        {% endfor %}
        labels.{{ question.label.settled_at }} as settled_at,
        labels.known_at as label_known_at
    from (select * from {{ ref('fct_flights') }}) as flights
    inner join labels on flights.flight_key = labels.flight_key
    inner join dates on flights.flight_date = dates.date_day
    {% if 0 in question.horizons_minutes %}
        left join departures on flights.flight_key = departures.flight_key
    {% endif %}
    cross join horizons
    where
        {{ is_date_kept(question.name, 'flights.flight_month') }}
        {% for condition in question.population %}
            and flights.{{ condition }}
        {% endfor %}

),

spine as (

    {# of what is settled there is nothing to predict; the label is known from then on #}
    select *
    from scheduled
    where
        settled_at > prediction_at
        and {{ is_example_to_build(changes) }}

),

{{ features_in_force(groups, joined, changes, question.horizons_minutes[0]) }}
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
        {% for group, (features, keys, columns) in groups.items() %}
            {% set ages = age_names(features.identifier) %}
            {% for column in columns %}
                examples.{{ group }}__{{ column }},
                {% if column in ages %}
                    {{ age_minutes('examples.' ~ group ~ '__' ~ column, 'examples.prediction_at') }}
                        as {{ group }}__{{ ages[column] }},
                {% endif %}
            {% endfor %}
            {{ fresh_known_at('examples', group, maximum_age_minutes(features.identifier)) }} as {{ group }}__known_at,
        {% endfor %}

        -- label
        {% for name in question.label.columns %}
            examples.{{ name }},
        {% endfor %}

        -- dates and timestamps
        examples.flight_date,
        examples.scheduled_departure_at,
        examples.prediction_at,
        examples.label_known_at,
        {{ month_start('examples.flight_date') }} as flight_month
    from {{ joined.relation }} as examples

)

select * from final
{%- endmacro %}


{# When a prediction is made: so long before the schedule, or as soon as it is known that the flight has left. #}
{% macro prediction_instant(horizons_minutes) -%}
    {%- set before_departure = add_minutes('flights.scheduled_departure_at', '-horizons.horizon_minutes') -%}
    {%- if 0 in horizons_minutes -%}
        case when horizons.horizon_minutes = 0 then departures.departure_known_at else {{ before_departure }} end
    {%- else -%}
        {{ before_departure }}
    {%- endif -%}
{%- endmacro %}


{# True for dates whose examples are kept.

   date: a flight's date, or the first of its month. #}
{% macro is_date_kept(question_name, date) -%}
    {%- set first = first_kept_month(question_name, ref('fct_flights')) -%}
    {{ date ~ " >= cast('" ~ first ~ "' as date)" if first else 'true' }}
{%- endmacro %}
