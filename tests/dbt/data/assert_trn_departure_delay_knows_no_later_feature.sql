{# No feature of an example was known only after its prediction. #}
{% set groups = ['origin', 'carrier', 'carrier_origin', 'route', 'aircraft', 'origin_weather'] %}
select
    flight_key,
    horizon_minutes,
    prediction_at
from {{ ref('trn_departure_delay') }}
where
    {% for group in groups %}
        {{ group }}__known_at > prediction_at
        or
    {% endfor %}
    aircraft__last_departed_at > prediction_at
    or aircraft__last_arrived_at > prediction_at
    or origin_weather__observed_at > prediction_at
