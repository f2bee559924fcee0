{# The records of flights that count, as CTEs: `replaced` has each with the file that replaced its month, and how many records its
   flight has; `compared`, of flights with several, tells which are changes. Events count as what is known of the flight with
   them, so that a flight that one tells of is among the latter, however many records it has.

   records: CTE with the records as they were loaded.
   month_files: CTE with the files that hold the whole of a month.
   names: the columns that name a flight.
   values: the columns whose change makes a version. #}
{% macro records_that_count(records, month_files, names, values) -%}
{%- set columns = (
    names + values + ['source_rank', 'taken_at', 'load_number', 'loaded_at', 'replaced_load_number', 'replaced_at']
) | join(',\n        ') -%}
-- each record with the file that replaced its month
replaced as (

    select
        records.*,
        month_files.load_number as replaced_load_number,
        month_files.loaded_at as replaced_at,
        count(*) over (partition by records.flight_date, records.flight_key) as record_count
        {%- for rank in (1, 2) %},
            min(case when records.source_rank = {{ rank }} then records.load_number end) over (
                partition by records.flight_date, records.flight_key
            ) as load_number_of_rank_{{ rank }}
        {%- endfor %}
    from {{ records }} as records
    left join {{ month_files }} as month_files
        on
            records.source = 'bts'
            and {{ month_start('records.flight_date') }} = month_files.flight_month
            and records.load_number >= month_files.replaces_from_load_number
            and records.load_number < month_files.load_number

),

-- once a better source has spoken of a flight, the others are heard no more; of two lines in one file the later counts
heard as (

    select
        *,
        lead(_source_line) over (
            partition by flight_date, flight_key, load_number
            order by _source_line
        ) as later_source_line
    from replaced
    where
        (record_count > 1 or event_type is not null)
        {%- for rank in (1, 2) %}
        and (source_rank <= {{ rank }} or coalesce(load_number < load_number_of_rank_{{ rank }}, true))
        {%- endfor %}

),

{{ event_states('heard', names) }},

states as (

    select
        {{ columns }}
    from heard
    where
        event_type is null
        and later_source_line is null

    union all

    select
        {{ columns }}
    from event_states

),

compared as (

    select
        *,
        case
            when
                {{ is_unchanged(values, 'in_order') | indent(12) }}
                and coalesce(lag(replaced_load_number) over in_order >= load_number, true)
                then 0
            else 1
        end as is_change
    from states
    window in_order as (partition by flight_date, flight_key order by {{ state_order() }})

)
{%- endmacro %}


{# The order of what is known of a flight: sources are heard one after another, and each tells in the order in which it was
   loaded, events in that in which the broker took them. #}
{% macro state_order() -%}
    source_rank desc, taken_at, load_number
{%- endmacro %}
