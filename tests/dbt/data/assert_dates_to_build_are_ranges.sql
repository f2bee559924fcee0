{# is_date_to_build on what dates_to_build returns: everything, nothing, or ranges with both ends. #}
{% set ranges = [
    ('everything', none, 3),
    ('nothing', [], 0),
    ('a range', [('2013-01-02', '2013-01-03')], 2),
    ('two ranges', [('2013-01-01', '2013-01-01'), ('2013-01-03', '2013-01-04')], 2),
] %}

with

days as (

    {% for day in ['2013-01-01', '2013-01-02', '2013-01-03'] %}
        select cast('{{ day }}' as date) as flight_date
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

cases as (

    {% for case_name, dates, expected in ranges %}
        select
            '{{ case_name }}' as case_name,
            sum(case when {{ is_date_to_build('flight_date', dates) }} then 1 else 0 end) as found,
            {{ expected }} as expected
        from days
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select *
from cases
where found is distinct from expected
