{# The on-time measures of a group of flights: their definitions, once for all reports.
   On time is an arrival less than 15 minutes late; a cancelled or diverted flight is not on time. #}
{% macro on_time_measures() -%}
    cast(count(*) as integer) as flight_count,
    cast(count(departed_at) as integer) as departed_count,
    cast(count(arrival_delay_minutes) as integer) as arrived_count,
    cast(sum(case when is_cancelled then 1 else 0 end) as integer) as cancelled_count,
    cast(sum(case when is_diverted then 1 else 0 end) as integer) as diverted_count,
    cast(sum(case when is_departure_delayed_15 then 1 else 0 end) as integer) as departure_delayed_15_count,
    cast(sum(case when is_arrival_delayed_15 then 1 else 0 end) as integer) as arrival_delayed_15_count,
    cast(
        sum(case when not is_arrival_delayed_15 and not is_diverted then 1 else 0 end) as integer
    ) as on_time_count,
    cast(coalesce(sum(departure_delay_minutes), 0) as bigint) as departure_delay_minutes,
    cast(coalesce(sum(arrival_delay_minutes), 0) as bigint) as arrival_delay_minutes
{%- endmacro %}


{# Shares and means of the measures above; null where there is nothing to divide by. #}
{% macro on_time_ratios() -%}
    {{ ratio('on_time_count', 'flight_count') }} as on_time_share,
    {{ ratio('cancelled_count', 'flight_count') }} as cancellation_share,
    {{ ratio('departure_delay_minutes', 'departed_count') }} as mean_departure_delay_minutes,
    {{ ratio('arrival_delay_minutes', 'arrived_count') }} as mean_arrival_delay_minutes
{%- endmacro %}
