"""Functions in the database that understand a JSON value as `model/values.py` does: as a number, an instant, a day.

They are made with the tables. What changes here changes there: a rule is judged alike in both.
"""

NUMBER = r"""
CREATE OR REPLACE FUNCTION je_number(v jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(v)
        WHEN 'number' THEN v::numeric
        WHEN 'string' THEN CASE
            WHEN length(v #>> '{}') <= 40 AND btrim(v #>> '{}', E' \t\r\n')
                ~ '^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$'
            THEN btrim(v #>> '{}', E' \t\r\n')::numeric
        END
    END
$$
"""

LAST_DAY = """
CREATE OR REPLACE FUNCTION je_last_day(y int, m int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN m = 2 THEN CASE WHEN y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0) THEN 29 ELSE 28 END
        WHEN m IN (4, 6, 9, 11) THEN 30
        ELSE 31
    END
$$
"""

# A local time that comes twice is the first: the one under the offset of the day before. One that the clock skips is
# read under that offset by AT TIME ZONE itself.
INSTANT = r"""
CREATE OR REPLACE FUNCTION je_instant(v jsonb, zone text) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    m text[];
    local timestamp;
    at timestamptz;
    earlier timestamptz;
BEGIN
    IF jsonb_typeof(v) IS DISTINCT FROM 'string' THEN RETURN NULL; END IF;
    m := regexp_match(v #>> '{}', '^([1-8][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
        '(?:[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?'
        '(?:(Z)|([+-])(0[0-9]|1[0-5]):?([0-5][0-9]))?)?$');
    IF m IS NULL OR m[3]::int > je_last_day(m[1]::int, m[2]::int) THEN RETURN NULL; END IF;
    local := make_timestamp(m[1]::int, m[2]::int, m[3]::int, coalesce(m[4], '0')::int, coalesce(m[5], '0')::int, 0)
        + interval '1 second' * coalesce(m[6], '0')::int
        + interval '1 microsecond' * left(rpad(coalesce(m[7], '0'), 6, '0'), 6)::int;
    IF m[8] IS NOT NULL THEN RETURN local AT TIME ZONE 'UTC'; END IF;
    IF m[9] IS NOT NULL THEN
        RETURN (local AT TIME ZONE 'UTC')
            - interval '1 minute' * (m[10]::int * 60 + m[11]::int) * CASE m[9] WHEN '+' THEN 1 ELSE -1 END;
    END IF;
    at := local AT TIME ZONE zone;
    earlier := at - interval '24 hours';
    earlier := (local - ((earlier AT TIME ZONE zone) - (earlier AT TIME ZONE 'UTC'))) AT TIME ZONE 'UTC';
    IF earlier < at AND earlier AT TIME ZONE zone = local THEN RETURN earlier; END IF;
    RETURN at;
END
$$
"""

DAY = r"""
CREATE OR REPLACE FUNCTION je_day(v jsonb, zone text) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN je_instant(v, zone) IS NULL THEN NULL
        WHEN length(v #>> '{}') = 10 THEN (v #>> '{}')::date
        ELSE (je_instant(v, zone) AT TIME ZONE zone)::date
    END
$$
"""

# Of 29 February it is the 28th where there is no 29th.
ANNIVERSARY = """
CREATE OR REPLACE FUNCTION je_anniversary(d date, y int) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT make_date(y, extract(month FROM d)::int,
        least(extract(day FROM d)::int, je_last_day(y, extract(month FROM d)::int)))
$$
"""

DAYS_TO_ANNIVERSARY = """
CREATE OR REPLACE FUNCTION je_days_to_anniversary(d date, today date) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN je_anniversary(d, extract(year FROM today)::int) >= today
        THEN je_anniversary(d, extract(year FROM today)::int) - today
        ELSE je_anniversary(d, extract(year FROM today)::int + 1) - today
    END
$$
"""

FUNCTIONS = (NUMBER, LAST_DAY, INSTANT, DAY, ANNIVERSARY, DAYS_TO_ANNIVERSARY)
