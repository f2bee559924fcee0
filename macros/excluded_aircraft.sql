{# True for a tail number whose owner did not opt out of display. The one place where seeds/excluded_aircraft.csv is applied. #}
{% macro is_displayable(tail_number) -%}
    (
        {{ tail_number }} is null
        or {{ tail_number }} not in (
            select excluded_aircraft.tail_number from {{ ref('excluded_aircraft') }} as excluded_aircraft
        )
    )
{%- endmacro %}


{# Takes excluded aircraft out of a history that was kept before they were excluded; a post-hook of its snapshot. #}
{% macro drop_excluded_aircraft() -%}
    delete from {{ this }}
    where tail_number in (select excluded.tail_number from {{ ref('excluded_aircraft') }} as excluded)
{%- endmacro %}
