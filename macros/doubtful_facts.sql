{# What facts tell that cannot be true together, or lack what they should have. They stay as they were told; rpt_data_quality
   counts them. Of its CTEs `flights` and `observations`: the column to look at, what is wrong with it, and when. #}
{% macro doubtful_facts() -%}
    {{ return({
        'flights': [
            ('departed_at', 'is not known of a flight that was not cancelled', 'not is_cancelled and departed_at is null'),
            (
                'arrived_at', 'is not known of a flight that was neither cancelled nor diverted',
                'not is_cancelled and not is_diverted and arrived_at is null',
            ),
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
    }) }}
{%- endmacro %}
