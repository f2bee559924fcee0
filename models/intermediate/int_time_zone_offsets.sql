{{ config(materialized='table') }}

with

editions as (

    select * from {{ ref('stg_reference__time_zone_offsets') }}

),

-- a new edition of the rules replaces the whole of a zone's
ranked as (

    select
        *,
        dense_rank() over (partition by time_zone order by load_number desc) as edition_recency
    from editions

),

offsets as (

    select *
    from ranked
    where edition_recency = 1

),

days as (

    {{ days_between('1985-01-01', '2038-01-01') }}

),

years as (

    select cast(extract(year from date_day) as integer) as year_number
    from days
    group by 1

),

-- a clock time shown twice counts as its second showing, one skipped by the clock as moved on by what was skipped:
-- both follow when the local stretch starts where the new offset puts the instant of the change
local_stretches as (

    select
        time_zone,
        utc_from,
        utc_to,
        {{ add_minutes('utc_from', 'utc_offset_minutes') }} as local_from,
        coalesce(
            lead({{ add_minutes('utc_from', 'utc_offset_minutes') }}) over in_order,
            {{ add_minutes('utc_to', 'utc_offset_minutes') }}
        ) as local_to,
        cast(coalesce(lag(utc_offset_minutes) over in_order, utc_offset_minutes) as integer)
            as earlier_utc_offset_minutes,
        cast(utc_offset_minutes as integer) as utc_offset_minutes,
        cast(coalesce(lead(utc_offset_minutes) over in_order, utc_offset_minutes) as integer)
            as later_utc_offset_minutes
    from offsets
    window in_order as (partition by time_zone order by utc_from)

),

-- one row a year, so that a join finds its few candidates by equality
final as (

    select
        local_stretches.time_zone,
        years.year_number,
        local_stretches.utc_from,
        local_stretches.utc_to,
        local_stretches.local_from,
        local_stretches.local_to,
        local_stretches.earlier_utc_offset_minutes,
        local_stretches.utc_offset_minutes,
        local_stretches.later_utc_offset_minutes
    from local_stretches
    inner join years
        on
            years.year_number >= extract(year from {{ add_minutes('local_stretches.utc_from', -1440) }})
            and years.year_number <= extract(year from {{ add_minutes('local_stretches.utc_to', 1440) }})

)

select * from final
