{# The records of flights that count, as CTEs: `replaced` has each with the file that replaced its month, and how many records its
   flight has; `compared`, of flights with several, tells which are changes.

   records: CTE with the records as they were loaded.
   month_files: CTE with the files that hold the whole of a month.
   values: the columns whose change makes a version. #}
{% macro records_that_count(records, month_files, values) -%}
-- each record with the file that replaced its month
replaced as (

    select
        records.*,
        month_files.load_number as replaced_load_number,
        month_files.loaded_at as replaced_at,
        count(*) over (partition by records.flight_date, records.flight_key) as record_count,
        min(case when records.source_rank = 1 then records.load_number end) over (
            partition by records.flight_date, records.flight_key
        ) as best_source_load_number
    from {{ records }} as records
    left join {{ month_files }} as month_files
        on
            records.source = 'bts'
            and {{ month_start('records.flight_date') }} = month_files.flight_month
            and records.load_number >= month_files.replaces_from_load_number
            and records.load_number < month_files.load_number

),

-- once the better source has spoken of a flight, the other is heard no more; of two lines in one file the later counts
heard as (

    select
        *,
        lead(_source_line) over (
            partition by flight_date, flight_key, load_number
            order by _source_line
        ) as later_source_line
    from replaced
    where
        record_count > 1
        and (source_rank = 1 or best_source_load_number is null or load_number < best_source_load_number)

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
    from heard
    where later_source_line is null
    window in_order as (partition by flight_date, flight_key order by load_number)

)
{%- endmacro %}
