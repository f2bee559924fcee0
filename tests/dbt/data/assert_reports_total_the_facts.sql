{# Every report of flights counts each flight once, and adds up to the same measures as the facts. #}
{% set reports = [
    'rpt_carrier_on_time_monthly', 'rpt_route_on_time_monthly', 'rpt_airport_departures_hourly',
] %}
{% set measures = [
    'flight_count', 'departed_count', 'arrived_count', 'cancelled_count', 'diverted_count',
    'departure_delayed_15_count', 'arrival_delayed_15_count', 'on_time_count',
    'departure_delay_minutes', 'arrival_delay_minutes',
] %}
{% set totals = [] %}
{% for measure in measures %}
    {% do totals.append('coalesce(sum(' ~ measure ~ '), 0) as ' ~ measure) %}
{% endfor %}

with

facts as (

    select {{ on_time_measures() }}
    from {{ ref('fct_flights') }}

)

{% for report in reports %}
    select
        '{{ report }}' as report_name,
        count(*) as difference_count
    from facts
    cross join (
        select {{ totals | join(', ') }}
        from {{ ref(report) }}
    ) as totals
    where
        {% for measure in measures %}
            {{ 'or ' if not loop.first }}coalesce(facts.{{ measure }}, 0) <> totals.{{ measure }}
        {% endfor %}
    having count(*) > 0
    {% if not loop.last %}union all{% endif %}
{% endfor %}
