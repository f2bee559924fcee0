{# The minutes that the report puts down to each cause are those of the facts. #}
with

facts as (

    {% for cause in ['carrier', 'weather', 'nas', 'security', 'late_aircraft'] %}
        select
            '{{ cause }}' as delay_cause,
            coalesce(sum({{ cause }}_delay_minutes), 0) as delay_minutes
        from {{ ref('fct_flights') }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

reported as (

    select
        delay_cause,
        sum(delay_minutes) as delay_minutes
    from {{ ref('rpt_delay_causes_monthly') }}
    group by 1

)

select facts.*
from facts
left join reported on facts.delay_cause = reported.delay_cause
where facts.delay_minutes <> coalesce(reported.delay_minutes, 0)
