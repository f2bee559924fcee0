{# Questions whose examples a build keeps, and how much of them: the variable `kept_questions`. #}


{# Whether a build keeps the examples of a question; told when the project is parsed. #}
{% macro is_kept(question_name) -%}
    {{ return(question_name in var('kept_questions')) }}
{%- endmacro %}


{# How many of the newest months are kept of a question's examples; none for all. #}
{% macro kept_months(question_name) -%}
    {%- set months = var('kept_questions').get(question_name, 'all') -%}
    {%- if months == 'all' -%}
        {{ return(none) }}
    {%- elif months is not integer or months < 1 -%}
        {{ exceptions.raise_compiler_error(
            "kept_questions: " ~ question_name ~ ": " ~ months ~ " is no number of months: write 'all', or 1 or more"
        ) }}
    {%- endif -%}
    {{ return(months) }}
{%- endmacro %}


{# Whether a question that is kept asks for what a model of labels tells. #}
{% macro is_label_kept(model_name) -%}
    {%- set kept = [] -%}
    {%- for question_name, label_model in question_labels().items() if label_model == model_name and is_kept(question_name) -%}
        {%- do kept.append(question_name) -%}
    {%- endfor -%}
    {{ return(kept | length > 0) }}
{%- endmacro %}


{# The first month whose examples are kept, as a date in text; none for all.

   flights: relation with `flight_month`. #}
{% macro first_kept_month(question_name, flights) -%}
    {%- set months = kept_months(question_name) -%}
    {%- if months is none or not execute -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set key = 'first month of ' ~ question_name -%}
    {%- if key not in build_memory() -%}
        {%- set newest = single_value('select max(flight_month) as flight_month from ' ~ flights) -%}
        {%- set month_number = newest.year * 12 + newest.month - months if newest else 0 -%}
        {%- do build_memory().update({
            key: '%04d-%02d-01' | format(month_number // 12, month_number % 12 + 1) if newest else none
        }) -%}
    {%- endif -%}
    {{ return(build_memory()[key]) }}
{%- endmacro %}


{# Ranges of dates that are kept, and of whose examples the table has none: they were not kept before. #}
{% macro missing_dates(question) -%}
    {%- set key = 'missing dates of ' ~ question.name -%}
    {%- if key not in build_memory() -%}
        {%- set labels, flights = ref(question.label.model), ref('fct_flights') -%}
        {%- set first_kept = first_kept_month(question.name, flights) -%}
        {%- set query -%}
            select min(labels.flight_date) as first_date, max(labels.flight_date) as last_date
            from {{ labels }} as labels
            inner join {{ flights }} as flights on labels.flight_key = flights.flight_key
            where
                labels.flight_month < (select min(flight_month) from {{ this }})
                {%- if first_kept %}
                and labels.flight_month >= cast('{{ first_kept }}' as date)
                {%- endif %}
                {%- for condition in question.population %}
                and flights.{{ condition }}
                {%- endfor %}
        {%- endset -%}
        {%- set found = run_query(query)[0] -%}
        {%- do build_memory().update({key: whole_partitions([(found[0], found[1])]) if found[0] else []}) -%}
    {%- endif -%}
    {{ return(build_memory()[key]) }}
{%- endmacro %}
