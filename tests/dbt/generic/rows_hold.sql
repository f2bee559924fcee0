{# Rules that every row keeps; those that some break are the rows of the result, with the number of these.

   rules: by name, a condition; one that is null is broken. It counts for the rows that `where` picks, else for all. #}
{% test rows_hold(model, rules) %}
    with

    counted as (

        select
            {%- for name, rule in rules.items() %}
            sum(case when {% if rule.where %}({{ rule.where }}) and {% endif %}not coalesce({{ rule.condition }}, false) then 1 else 0 end)
                as {{ name }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ model }}

    ),

    listed as (
        {% for name in rules %}
        select
            '{{ name }}' as rule_name,
            {{ name }} as row_count
        from counted
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}

    )

    select *
    from listed
    where row_count > 0
{% endtest %}
