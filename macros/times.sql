{# A month, a day or an instant, as `ontime` takes them, too: its first instant, and the first after it (UTC). #}
{% macro read_time(time) -%}
    {%- set text = time | string | trim -%}
    {%- set clock = '[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?' -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}(-[0-9]{2}(' ~ clock ~ ')?)?', text) -%}
        {{ exceptions.raise_compiler_error(
            "'" ~ text ~ "' is not a month, a day or an instant:"
            ~ ' write 2013-03, 2013-03-01 or 2013-03-01T12:00Z (UTC without a zone)'
        ) }}
    {%- endif -%}
    {%- set is_month, is_day = text | length == 7, text | length == 10 -%}
    {%- set first = modules.datetime.datetime.fromisoformat(text ~ '-01' if is_month else text) -%}
    {%- if first.tzinfo is not none -%}
        {%- set first = first.astimezone(modules.pytz.utc).replace(tzinfo=none) -%}
    {%- endif -%}
    {%- if is_month -%}
        {%- set end = (first + modules.datetime.timedelta(days=31)).replace(day=1) -%}
    {%- else -%}
        {%- set end = first + modules.datetime.timedelta(days=1 if is_day else 0) -%}
    {%- endif -%}
    {{ return({'first': first, 'end': end}) }}
{%- endmacro %}


{% macro first_instant(time) -%}
    {{ return(read_time(time).first.isoformat(sep=' ')) }}
{%- endmacro %}


{% macro first_day_of(time) -%}
    {{ return(read_time(time).first.date().isoformat()) }}
{%- endmacro %}


{# Of an instant, the day that it ends in. #}
{% macro last_day_of(time) -%}
    {%- set found = read_time(time) -%}
    {%- set length = modules.datetime.timedelta(microseconds=1 if found.end > found.first else 0) -%}
    {{ return((found.end - length).date().isoformat()) }}
{%- endmacro %}
