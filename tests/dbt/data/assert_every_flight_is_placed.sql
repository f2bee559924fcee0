{# Flights that the facts are without, by the airport that is why: add it to seeds/airport_corrections.csv. #}
{{ config(severity='warn') }}

select
    source,
    airport_code,
    flight_month,
    unplaced_reason,
    flight_count,
    example_flight_name
from {{ ref('rpt_unplaced_flights') }}
