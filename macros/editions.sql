{# Keeps an edition of reference data, so that a later one can be compared with it, and gives its name. #}
{% macro record_edition(table, rows) -%}
    {%- set columns = rows.columns | join(", '|', ") -%}
    {%- set edition = single_value(
        'select md5(coalesce(' ~ sorted_list('concat(' ~ columns ~ ')', rows.columns[:2] | join(', ')) ~ ", '')) as edition from ("
        ~ rows.query ~ ') as listed'
    ) -%}
    {%- if single_value('select count(*) as rows_held from ' ~ governance(table) ~ " where edition = '" ~ edition ~ "'") == 0 -%}
        {%- do run_query(insert_partition(
            governance(table), 'edition', edition, rows.columns | join(', '), 'from (' ~ rows.query ~ ') as listed'
        )) -%}
    {%- endif -%}
    {{ return(edition) }}
{%- endmacro %}


{% macro airport_edition_rows() -%}
    {{ return({
        'columns': ['airport_code', 'time_zone', 'station_code'],
        'query': "select airport_code, time_zone, case when station_rank = 1 then station_code else '' end as station_code from ("
            ~ stations_of_airports(this) ~ ') as stations',
    }) }}
{%- endmacro %}


{% macro clock_rule_edition_rows() -%}
    {%- set query -%}
        select time_zone, year_number, {{ sorted_list("concat(" ~ epoch_seconds('utc_from') ~ ", ':', utc_offset_minutes)", 'utc_from') }} as rules
        from {{ this }}
        group by time_zone, year_number
    {%- endset -%}
    {{ return({'columns': ['time_zone', 'year_number', 'rules'], 'query': query}) }}
{%- endmacro %}


{# A hash of a seed's rows, of the columns that count. #}
{% macro seed_edition(seed) -%}
    {%- set values = [] -%}
    {%- for column in seeds_in_ledger().get(seed.name, seed.columns) -%}
        {%- do values.append('coalesce(cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    {%- set row = values | join(" || '|' || ") -%}
    {{ return(single_value(
        'select md5(coalesce(' ~ sorted_list(row, row) ~ ", '')) as seed_edition from "
        ~ ('(' ~ excluded_registrations() ~ ') as listed' if seed.name == 'excluded_aircraft' else seed.relation_name)
    )) }}
{%- endmacro %}


{% macro clocks_changed(held) -%}
    {{ return(
        held.airports_edition != held.inputs.airports_edition or held.clock_rules_edition != held.inputs.clock_rules_edition
    ) }}
{%- endmacro %}


{# The airports and years whose clocks the inputs tell otherwise than the model was built with. #}
{% macro changed_clocks(held) -%}
    select coalesce(before.airport_code, later.airport_code) as airport_code, coalesce(before.year_number, later.year_number) as year_number
    from ({{ clocks_of_edition(held) }}) as before
    full outer join ({{ clocks_of_edition(held.inputs) }}) as later
        on before.airport_code = later.airport_code and before.year_number = later.year_number
    where before.rules is distinct from later.rules
{%- endmacro %}


{% macro clocks_of_edition(state) -%}
    select airports.airport_code, clock_rules.year_number, clock_rules.rules
    from {{ governance('airport_editions') }} as airports
    inner join {{ governance('clock_rule_editions') }} as clock_rules on airports.time_zone = clock_rules.time_zone
    where airports.edition = '{{ state.airports_edition }}' and clock_rules.edition = '{{ state.clock_rules_edition }}'
{%- endmacro %}


{# Whether a station's reports are another airport's in the inputs' edition; those of a station of no airport bear its code. #}
{% macro stations_moved(held, inputs) -%}
    {%- set query -%}
        select count(*) as station_count
        from ({{ stations_of_edition(held) }}) as before
        full outer join ({{ stations_of_edition(inputs) }}) as later
            on before.station_code = later.station_code
        where
            coalesce(before.airport_code, later.station_code) <> coalesce(later.airport_code, before.station_code)
    {%- endset -%}
    {{ return(single_value(query) > 0) }}
{%- endmacro %}


{% macro stations_of_edition(state) -%}
    select station_code, airport_code
    from {{ governance('airport_editions') }}
    where edition = '{{ state.airports_edition }}' and station_code <> ''
{%- endmacro %}
