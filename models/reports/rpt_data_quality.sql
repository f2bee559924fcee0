{# What facts tell that cannot be true together, or lack: the column to look at, what is wrong with it, and when. #}
{% set doubts = {
    'flights': [
        ('departed_at', 'is not known of a flight that was not cancelled', 'not is_cancelled and departed_at is null'),
        (
            'arrived_at', 'is not known of a flight that was neither cancelled nor diverted',
            'not is_cancelled and not is_diverted and arrived_at is null',
        ),
        ('arrived_at', 'is not after the departure', 'arrived_at <= departed_at'),
        (
            'destination_airport_code', 'is the origin of a flight that was neither cancelled nor diverted',
            'not is_cancelled and not is_diverted and origin_airport_code = destination_airport_code',
        ),
        (
            'cancellation_code', 'is told of a flight that was not cancelled',
            'not is_cancelled and cancellation_code is not null',
        ),
        (
            'arrival_delay_minutes', 'is not the sum of its causes',
            'carrier_delay_minutes + weather_delay_minutes + nas_delay_minutes + security_delay_minutes'
            ~ ' + late_aircraft_delay_minutes <> arrival_delay_minutes',
        ),
        ('carrier_code', 'is of no carrier on that date', 'carrier_key is null'),
    ],
    'observations': [
        ('dew_point_celsius', 'is above the temperature', 'dew_point_celsius > temperature_celsius + 1'),
        ('airport_code', 'is of no airport that reference has', 'reference_airport_code is null'),
    ],
} %}

with

-- what was loaded twice counts once
defects as (

    select
        source,
        defect_type,
        column_name,
        rule,
        defect_month,
        record_key,
        max(defect_count) as defect_count,
        min(example) as example
    from {{ ref('int_data_defects') }}
    group by source, defect_type, column_name, rule, defect_month, record_key

),

flights as (

    select
        flights.*,
        carriers.carrier_key,
        flights.flight_month as defect_month,
        concat(
            flights.carrier_code, ' ', flights.flight_number, ' ', flights.origin_airport_code, '-',
            flights.destination_airport_code, ' ', flights.flight_date
        ) as example
    from {{ ref('fct_flights') }} as flights
    left join {{ ref('dim_carriers') }} as carriers
        on
            flights.carrier_code = carriers.carrier_code
            and flights.flight_date >= carriers.valid_from
            and (carriers.valid_to is null or flights.flight_date < carriers.valid_to)

),

observations as (

    select
        observations.*,
        airports.airport_code as reference_airport_code,
        observations.observed_month as defect_month,
        concat(observations.airport_code, ' ', observations.observed_date) as example
    from {{ ref('fct_weather_observations') }} as observations
    left join {{ ref('dim_airports') }} as airports on observations.airport_code = airports.airport_code

),

{% for relation, rules in doubts.items() %}
    counted_{{ relation }} as (

        select
            source,
            defect_month,
            {% for _, _, condition in rules %}
                sum(case when {{ condition }} then 1 else 0 end) as count_{{ loop.index }},
                min(case when {{ condition }} then example end) as example_{{ loop.index }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ relation }}
        group by source, defect_month

    ),
{% endfor %}

unioned as (

    select
        source,
        defect_type,
        column_name,
        rule,
        defect_month,
        sum(defect_count) as defect_count,
        min(example) as example
    from defects
    group by source, defect_type, column_name, rule, defect_month

    {% for relation, rules in doubts.items() %}{% for column, rule, _ in rules %}
        union all

        select
            source,
            'doubtful_fact' as defect_type,
            '{{ column }}' as column_name,
            '{{ rule }}' as rule,
            defect_month,
            count_{{ loop.index }} as defect_count,
            example_{{ loop.index }} as example
        from counted_{{ relation }}
        where count_{{ loop.index }} > 0
    {% endfor %}{% endfor %}

),

final as (

    select
        {{ hash_key(['source', 'defect_type', 'column_name', 'rule', date_number('defect_month')]) }} as report_key,
        source,
        defect_type,
        column_name,
        rule,
        defect_month,
        cast(defect_count as bigint) as defect_count,
        example
    from unioned

)

select * from final
