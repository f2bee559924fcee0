{# The condition holds for every row, or for those that the clause picks; a condition that is null does not hold. #}
{% test true_for_all_rows(model, condition, where_clause='true') %}
    select *
    from {{ model }}
    where
        ({{ where_clause }})
        and not coalesce(({{ condition }}), false)
{% endtest %}
