{# The model of each question's label. Written by `ontime questions compile`. #}
{% macro question_labels() -%}
    {{ return({
        'arrival_delayed_15': 'lbl_arrival_delay',
        'cancellation': 'lbl_cancellation',
        'departure_delay': 'lbl_departure_delay',
        'departure_delay_minutes': 'lbl_departure_delay',
    }) }}
{%- endmacro %}
