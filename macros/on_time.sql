{# True for an arrival less than 15 minutes late; false for a later one, and for a flight that was cancelled or diverted; null
   where the source does not tell enough. #}
{% macro is_on_time() -%}
    case
        when is_cancelled or is_diverted or is_arrival_delayed_15 then false
        when not is_arrival_delayed_15 and not is_diverted then true
    end
{%- endmacro %}


{# The on-time measures of a group of flights: their definitions, once for all reports. What is not known counts neither as
   yes nor as no: shares are over the flights of which it is known. #}
{% macro on_time_measures() -%}
    cast(count(*) as integer) as flight_count,
    cast(count(departed_at) as integer) as departed_count,
    cast(count(arrival_delay_minutes) as integer) as arrived_count,
    cast(sum(case when is_cancelled then 1 else 0 end) as integer) as cancelled_count,
    cast(sum(case when is_diverted then 1 else 0 end) as integer) as diverted_count,
    cast(sum(case when is_departure_delayed_15 then 1 else 0 end) as integer) as departure_delayed_15_count,
    cast(sum(case when is_arrival_delayed_15 then 1 else 0 end) as integer) as arrival_delayed_15_count,
    cast(sum(case when {{ is_on_time() }} then 1 else 0 end) as integer) as on_time_count,
    {{ ratio('sum(case when ' ~ is_on_time() ~ ' then 1 else 0 end)', 'count(' ~ is_on_time() ~ ')') }} as on_time_share,
    {{ ratio('sum(case when is_cancelled then 1 else 0 end)', 'count(is_cancelled)') }} as cancellation_share,
    cast(coalesce(sum(departure_delay_minutes), 0) as bigint) as departure_delay_minutes,
    cast(coalesce(sum(arrival_delay_minutes), 0) as bigint) as arrival_delay_minutes
{%- endmacro %}


{# Means of the measures above; null where there is nothing to divide by. #}
{% macro on_time_means() -%}
    {{ ratio('departure_delay_minutes', 'departed_count') }} as mean_departure_delay_minutes,
    {{ ratio('arrival_delay_minutes', 'arrived_count') }} as mean_arrival_delay_minutes
{%- endmacro %}
