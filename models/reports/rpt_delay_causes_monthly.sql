{% set causes = ['carrier', 'weather', 'nas', 'security', 'late_aircraft'] %}

with

flights as (

    select * from {{ ref('fct_flights') }}

),

explained as (

    select *
    from flights
    where
        {% for cause in causes %}
            {{ 'or ' if not loop.first }}{{ cause }}_delay_minutes is not null
        {% endfor %}

),

unpivoted as (

    {% for cause in causes %}
        select
            carrier_code,
            flight_date,
            '{{ cause }}' as delay_cause,
            {{ cause }}_delay_minutes as delay_minutes
        from explained
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

grouped as (

    select
        carrier_code,
        {{ month_start('flight_date') }} as flight_month,
        delay_cause,
        cast(count(*) as integer) as explained_flight_count,
        cast(sum(case when delay_minutes > 0 then 1 else 0 end) as integer) as affected_flight_count,
        cast(coalesce(sum(delay_minutes), 0) as bigint) as delay_minutes
    from unpivoted
    group by 1, 2, 3

),

final as (

    select
        {{ hash_key(['carrier_code', date_number('flight_month'), 'delay_cause']) }} as report_key,
        *
    from grouped

)

select * from final
