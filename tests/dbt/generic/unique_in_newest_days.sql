{# As unique_combination, on the rows of the newest week: for views over all rows, which would be computed whole at every
   build. `dates_of` is a relation in which the newest date is found at little cost; by default the model itself. #}
{% test unique_in_newest_days(model, columns, date_column, dates_of=none) %}
    {%- set newest = none -%}
    {%- if execute -%}
        {%- set newest = run_query('select max(' ~ date_column ~ ') from ' ~ (dates_of or model)).columns[0].values()[0] -%}
    {%- endif -%}
    select {{ columns | join(', ') }}
    from {{ model }}
    {%- if newest %}
    where {{ date_column }} > cast('{{ newest - modules.datetime.timedelta(days=7) }}' as {{ 'date' if newest.hour is undefined else 'timestamp' }})
    {%- endif %}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns %}
        or {{ column }} is null
        {%- endfor %}
{% endtest %}
