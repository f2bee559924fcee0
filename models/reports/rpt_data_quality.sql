{% set doubts = doubtful_facts() %}

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
            {% for _, _, condition in rules %}
                cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as count_{{ loop.index }},
                min(case when {{ condition }} then example end) as example_{{ loop.index }},
            {% endfor %}
            source,
            defect_month
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
        cast(sum(defect_count) as bigint) as defect_count,
        min(example) as example
    from defects
    group by source, defect_type, column_name, rule, defect_month

    union all

    select
        source,
        'unplaced_flight' as defect_type,
        'airport_code' as column_name,
        unplaced_reason as rule,
        flight_month as defect_month,
        count(*) as defect_count,
        min(airport_code) as example
    from {{ ref('fct_unplaced_flights') }}
    group by source, unplaced_reason, flight_month

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
        *
    from unioned

)

select * from final
