with

reference_versions as (

    select * from {{ ref('stg_reference__carriers') }}

),

reference_carriers as (

    {{ newest_version('reference_versions', ['carrier_code', 'carrier_name', 'first_year']) }}

),

carrier_history as (

    select * from {{ ref('carrier_history') }}

),

unioned as (

    select
        carrier_code,
        carrier_name,
        first_year,
        last_year,
        'reference' as source
    from reference_carriers

    union all

    select
        carrier_history.carrier_code,
        carrier_history.carrier_name,
        carrier_history.first_year,
        carrier_history.last_year,
        'carrier_history' as source
    from carrier_history
    where
        carrier_history.carrier_code not in (
            select reference_carriers.carrier_code from reference_carriers
        )

),

-- the history gives years only: in a year that two holders of a code share, the later one holds it
successions as (

    select
        *,
        lead(first_year) over (
            partition by carrier_code
            order by first_year, coalesce(last_year, 9999), carrier_name
        ) as next_first_year
    from unioned

),

dated as (

    select
        carrier_code,
        carrier_name,
        {{ date_from_parts('first_year', '1', '1') }} as valid_from,
        case
            when next_first_year <= last_year or (next_first_year is not null and last_year is null)
                then {{ date_from_parts('next_first_year', '1', '1') }}
            when last_year is not null
                then {{ date_from_parts('last_year + 1', '1', '1') }}
        end as valid_to,
        source
    from successions

)

select *
from dated
where valid_to is null or valid_to > valid_from
