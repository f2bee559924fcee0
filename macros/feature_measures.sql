{# What the tables of departures count, as integers, for rolling_features to sum. #}
{% macro departure_measures() -%}
    case when event_type = 'departure' then 1 else 0 end as departure_count,
        case when event_type = 'cancellation' then 1 else 0 end as cancellation_count,
        coalesce(departure_delay_minutes, 0) as departure_delay_minutes,
        case when is_departure_delayed_15 then 1 else 0 end as delayed_15_count
{%- endmacro %}


{% macro departure_features() -%}
    {{ return({
        'departures': 'departure_count',
        'mean_departure_delay_minutes': ['departure_delay_minutes', 'departure_count'],
        'delayed_15_share': ['delayed_15_count', 'departure_count'],
        'cancellations': 'cancellation_count',
    }) }}
{%- endmacro %}


{# What the table of routes counts of arrivals. A diverted flight may have arrived with no delay reported. #}
{% macro arrival_measures() -%}
    1 as flight_count,
        coalesce(arrival_delay_minutes, 0) as arrival_delay_minutes,
        case when is_arrival_delayed_15 then 1 else 0 end as arrival_delayed_15_count,
        case when arrival_delay_minutes is null then 0 else 1 end as arrival_delay_count,
        coalesce(air_time_minutes, 0) as air_time_minutes,
        case when air_time_minutes is null then 0 else 1 end as air_time_count
{%- endmacro %}


{% macro arrival_features() -%}
    {{ return({
        'flights': 'flight_count',
        'mean_arrival_delay_minutes': ['arrival_delay_minutes', 'arrival_delay_count'],
        'arrival_delayed_15_share': ['arrival_delayed_15_count', 'arrival_delay_count'],
        'mean_air_time_minutes': ['air_time_minutes', 'air_time_count'],
    }) }}
{%- endmacro %}
