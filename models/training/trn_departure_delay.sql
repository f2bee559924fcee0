{# Written by `ontime questions compile` from training/questions/departure_delay.yml. #}
{% set question = {
    'name': 'departure_delay',
    'label': {'model': 'lbl_departure_delay', 'settled_at': 'departed_at', 'columns': {'is_departure_delayed_15':
        'is_departure_delayed_15', 'label_departure_delay_minutes': 'departure_delay_minutes'}},
    'horizons_minutes': [1440, 120, 30],
    'population': [],
    'groups': {
        'origin': {'features': 'feat_origin_departures', 'keys': ['origin_airport_code'], 'columns': [
            'departures_1h', 'mean_departure_delay_minutes_1h', 'delayed_15_share_1h', 'cancellations_1h',
            'departures_3h', 'mean_departure_delay_minutes_3h', 'delayed_15_share_3h', 'cancellations_3h',
            'departures_24h', 'mean_departure_delay_minutes_24h', 'delayed_15_share_24h', 'cancellations_24h',
        ]},
        'carrier': {'features': 'feat_carrier_departures', 'keys': ['carrier_code'], 'columns': [
            'departures_24h', 'mean_departure_delay_minutes_24h', 'delayed_15_share_24h', 'cancellations_24h',
            'departures_7d', 'mean_departure_delay_minutes_7d', 'delayed_15_share_7d', 'cancellations_7d',
            'departures_28d', 'mean_departure_delay_minutes_28d', 'delayed_15_share_28d', 'cancellations_28d',
        ]},
        'carrier_origin': {'features': 'feat_carrier_origin_departures', 'keys': ['carrier_code', 'origin_airport_code'], 'columns': [
            'departures_3h', 'mean_departure_delay_minutes_3h', 'delayed_15_share_3h', 'cancellations_3h',
            'departures_24h', 'mean_departure_delay_minutes_24h', 'delayed_15_share_24h', 'cancellations_24h',
            'departures_7d', 'mean_departure_delay_minutes_7d', 'delayed_15_share_7d', 'cancellations_7d',
        ]},
        'route': {'features': 'feat_route_flights', 'keys': ['origin_airport_code', 'destination_airport_code'], 'columns': [
            'flights_7d', 'mean_arrival_delay_minutes_7d', 'arrival_delayed_15_share_7d', 'mean_air_time_minutes_7d',
            'flights_28d', 'mean_arrival_delay_minutes_28d', 'arrival_delayed_15_share_28d', 'mean_air_time_minutes_28d',
        ]},
        'aircraft': {'features': 'feat_aircraft_rotation', 'keys': ['tail_number'], 'columns': [
            'legs_24h', 'last_departure_delay_minutes', 'last_arrival_delay_minutes', 'last_departed_at',
            'last_arrived_at',
        ]},
        'origin_weather': {'features': 'feat_origin_weather', 'keys': ['origin_airport_code'], 'columns': [
            'flight_category', 'temperature_celsius', 'dew_point_celsius', 'relative_humidity_percent',
            'wind_direction_degrees', 'wind_speed_knots', 'wind_gust_knots', 'visibility_miles', 'ceiling_ft',
            'sea_level_pressure_hpa', 'hour_to_date_precipitation_inches', 'pressure_change_hpa_3h',
            'temperature_change_celsius_3h', 'observed_at',
        ]},
    },
} %}
{{ config(
    enabled=is_kept(question.name),
    materialized='incremental',
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    meta={'question': question, 'kept_months': kept_months(question.name)},
    pre_hook="{{ delete_examples_to_build() }}",
) }}

{{ examples_of(question) }}
