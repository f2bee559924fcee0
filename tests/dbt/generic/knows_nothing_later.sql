{# None of these instants of a row is after that of its prediction. #}
{% test knows_nothing_later(model, columns, instant='prediction_at') %}
    select *
    from {{ model }}
    where
        {%- for column in columns %}
        {{ column }} > {{ instant }}
        {%- if not loop.last %} or{% endif %}
        {%- endfor %}
{% endtest %}
