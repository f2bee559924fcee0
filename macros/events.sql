{# Records of a topic, each once, as the CTE `once`, with the load number and the instant of their load: files overlap where a
   sink was cut off between landing one and telling the broker, or an older landing was restored. What was loaded first stays.

   source: CTE of a raw table.
   files: CTE of the files that the build sees.
   date_column: a date of the record, by which a filter on it reaches the records. #}
{% macro records_once(source, files, date_column) -%}
ranked as (

    select
        source.*,
        files.load_number,
        files.loaded_at,
        row_number() over (
            partition by
                source.{{ date_column }}, source.topic, source.topic_generation, source.topic_partition, source.topic_offset
            order by files.load_number, source._source_line
        ) as place_among_equals
    from {{ source }} as source
    inner join {{ files }} as files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file

),

once as (

    select *
    from ranked
    where place_among_equals = 1

)
{%- endmacro %}


{# The order in which a broker took records: by its clock, and of one instant by their places. #}
{% macro taken_order() -%}
    taken_at, topic_generation, topic_partition, topic_offset
{%- endmacro %}


{# The columns that a kind of event tells; the last of its kind counts. #}
{% macro columns_of_event_types() -%}
    {{ return({
        'scheduled': ['scheduled_arrival_clock_minutes', 'scheduled_elapsed_minutes', 'distance_miles'],
        'aircraft_assigned': ['tail_number', 'is_hidden'],
        'departed': ['told_departed_at'],
        'arrived': [
            'told_arrived_at', 'arrival_delay_minutes', 'air_time_minutes', 'carrier_delay_minutes', 'weather_delay_minutes',
            'nas_delay_minutes', 'security_delay_minutes', 'late_aircraft_delay_minutes',
        ],
        'cancelled': ['is_cancelled', 'cancellation_code'],
        'diverted': ['is_diverted'],
    }) }}
{%- endmacro %}


{# What is known of flights by their events with each of them, as the CTE `event_states`: one row per flight and instant at which
   the broker took some. However late one was loaded, it stands where the broker took it; a state is of the latest load of those
   that it is made of.

   records: CTE with records of flights; those without an `event_type` are left out.
   names: the columns that name a flight. #}
{% macro event_states(records, names) -%}
ordered_events as (

    select
        *,
        row_number() over in_order as place,
        max(load_number) over in_order as newest_load_number,
        max(loaded_at) over in_order as newest_loaded_at,
        lead(taken_at) over (partition by flight_date, flight_key order by {{ taken_order() }}) as next_taken_at
    from {{ records }}
    where event_type is not null
    window in_order as (
        partition by flight_date, flight_key order by {{ taken_order() }}
        rows between unbounded preceding and current row
    )

),

-- the last of each kind up to a record
placed as (

    select
        *
        {%- for event_type in columns_of_event_types() %},
        max(case when event_type = '{{ event_type }}' then place end) over in_order as {{ event_type }}_place
        {%- endfor %}
    from ordered_events
    window in_order as (
        partition by flight_date, flight_key order by place
        rows between unbounded preceding and current row
    )

),

event_states as (

    select
        {%- for name in names %}
        placed.{{ name }},
        {%- endfor %}
        placed.source,
        placed.source_rank,
        placed.departure_clock_minutes,
        placed.arrival_clock_minutes,
        placed.departure_delay_minutes,
        {%- for event_type, columns in columns_of_event_types().items() %}{% for column in columns %}
        {% if column.startswith('is_') -%}
        coalesce({{ event_type }}.{{ column }}, false) as {{ column }},
        {%- else -%}
        {{ event_type }}.{{ column }},
        {%- endif %}
        {%- endfor %}{% endfor %}
        placed.taken_at,
        placed.newest_load_number as load_number,
        placed.newest_loaded_at as loaded_at,
        placed.replaced_load_number,
        placed.replaced_at
    from placed
    {%- for event_type in columns_of_event_types() %}
    left join ordered_events as {{ event_type }}
        on
            placed.flight_date = {{ event_type }}.flight_date
            and placed.flight_key = {{ event_type }}.flight_key
            and placed.{{ event_type }}_place = {{ event_type }}.place
    {%- endfor %}
    where coalesce(placed.next_taken_at > placed.taken_at, true)

)
{%- endmacro %}


{# What records of other sources lack, in the order in which those of events have it. #}
{% macro columns_of_events_alone() -%}
    cast(null as timestamp) as told_departed_at,
        cast(null as timestamp) as told_arrived_at,
        false as is_hidden,
        {{ columns_of_places() }}
{%- endmacro %}


{# Where a record was in its topic, of what was in none. #}
{% macro columns_of_places() -%}
    cast(null as timestamp) as taken_at,
        cast(null as bigint) as topic_generation,
        cast(null as bigint) as topic_partition,
        cast(null as bigint) as topic_offset
{%- endmacro %}
