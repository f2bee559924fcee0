{# Texts that carriers write where they do not tell the aircraft, without blanks and punctuation, in capitals. #}
{% macro texts_for_no_aircraft() -%}
    {{ return([
        'NA', 'NAN', 'ND', 'NIL', 'NONE', 'NOTAIL', 'NOTAVAILABLE', 'NOTREPORTED', 'NULL', 'MISSING', 'BLANK', 'EMPTY',
        'INVALID', 'TBA', 'TBD', 'UNK', 'UNKN', 'UNASSIGNED', 'VARIOUS',
    ]) }}
{%- endmacro %}


{# The registration of an aircraft as it is written, null for a text that stands for an unknown one: nothing but punctuation,
   nothing but the fillers 0, N and X, one character six times or more, `UNKNOWN` however it is cut or damaged at its ends,
   and the texts above. Fleet numbers, and registrations of other countries, stay. #}
{% macro known_tail_number(tail_number) -%}
    {%- set bare = "translate(upper(" ~ tail_number ~ "), ' -./_#?*', '')" -%}
    case
            when translate({{ bare }}, '0NX', '') = '' then null
            when {{ bare }} like '%NKNO%' then null
            when {{ bare }} in ('{{ texts_for_no_aircraft() | join("', '") }}') then null
            when length({{ bare }}) >= 6 and translate({{ bare }}, substr({{ bare }}, 1, 1), '') = '' then null
            else trim({{ tail_number }})
        end
{%- endmacro %}


{# The text, where it stands for an unknown aircraft; null where there is none, or a registration. #}
{% macro text_for_no_aircraft(tail_number) -%}
    case when {{ known_tail_number(tail_number) }} is null then nullif(trim({{ tail_number }}), '') end
{%- endmacro %}
