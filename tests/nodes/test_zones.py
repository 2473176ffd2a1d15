"""Local times: whose zone it is, both nights in which the clocks change, and what a stored date comes to."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from journey_engine.model.moment import ANY_DAY, Clock, Weekdays, Window, days_later, next_time, read_date
from journey_engine.model.zone import at, local, named_zone, zone_of

BERLIN, NEW_YORK, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "said", "instant"),
    [
        (SHANGHAI, "2025-03-10 07:00", "2025-03-09 23:00"),
        (BERLIN, "2025-03-30 01:59", "2025-03-30 00:59"),
        (BERLIN, "2025-03-30 02:00", "2025-03-30 01:00"),
        (BERLIN, "2025-03-30 02:30", "2025-03-30 01:00"),
        (BERLIN, "2025-03-30 03:00", "2025-03-30 01:00"),
        (BERLIN, "2025-10-26 02:30", "2025-10-26 00:30"),
        (BERLIN, "2025-10-26 03:00", "2025-10-26 02:00"),
        (NEW_YORK, "2025-03-09 02:30", "2025-03-09 07:00"),
        (NEW_YORK, "2025-03-09 03:00", "2025-03-09 07:00"),
        (NEW_YORK, "2025-11-02 01:30", "2025-11-02 05:30"),
        (NEW_YORK, "2025-11-02 02:00", "2025-11-02 07:00"),
        (ZoneInfo("Pacific/Apia"), "2011-12-30 09:00", "2011-12-30 10:00"),
        (ZoneInfo("Australia/Lord_Howe"), "2025-10-05 02:10", "2025-10-04 15:30"),
    ],
)
def test_a_local_time_that_does_not_exist_is_the_first_after_it_and_one_that_exists_twice_is_the_first(
    zone, said, instant
):
    assert at(wall(said), zone) == utc(instant)


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, SHANGHAI])
def test_every_quarter_of_an_hour_of_a_year_that_exists_is_found_again(zone):
    instants = (datetime.fromtimestamp(1735689600 + n * 900, UTC) for n in range(365 * 96))
    lost = [one for one in instants if local(at(local(one, zone), zone), zone) != local(one, zone)]
    assert lost == []


@pytest.mark.parametrize(
    ("attributes", "phone", "zone"),
    [
        ({"timezone": "Europe/Berlin", "country": "CN"}, "+8613800138000", "Europe/Berlin"),
        ({"timezone": "Mars/Olympus", "country": "de"}, "", "Europe/Berlin"),
        ({"timezone": "../../etc/passwd"}, "", "Asia/Shanghai"),
        ({"timezone": "Europe"}, "", "Asia/Shanghai"),
        ({"timezone": ["Europe/Berlin"]}, "", "Asia/Shanghai"),
        ({"address": {"country_code": "JP"}}, "", "Asia/Tokyo"),
        ({"country": "US"}, "", "Asia/Shanghai"),
        ({"country": "Germany"}, "+442071838750", "Europe/London"),
        ({"phone": "+85221234567"}, "", "Asia/Hong_Kong"),
        ({}, "+8613800138000", "Asia/Shanghai"),
        ({}, "+353861234567", "Europe/Dublin"),
        ({}, "+12025550123", "Asia/Shanghai"),
        ({}, "13800138000", "Asia/Shanghai"),
    ],
)
def test_a_zone_is_the_attributes_then_the_numbers_then_the_workspaces(attributes, phone, zone):
    assert zone_of(attributes, "Asia/Shanghai", phone) == ZoneInfo(zone)


def test_a_workspace_with_a_zone_that_is_none_is_in_utc():
    assert zone_of({}, "Nowhere/None") == ZoneInfo("UTC")
    assert named_zone("") is None


def test_every_country_of_the_list_has_a_zone_that_exists():
    from journey_engine.model.zone import _rows

    assert [row for row in _rows() if named_zone(row["zone"]) is None] == []
    codes = [row["calling_code"] for row in _rows() if row["calling_code"]]
    assert len(codes) == len(set(codes))


def test_the_next_monday_at_seven_in_shanghai_is_monday():
    monday = Weekdays.parse(["mon"])
    for told in ("2025-03-09 22:59", "2025-03-09 12:00", "2025-03-03 00:00", "2025-03-02 23:00"):
        found = next_time(utc(told), Clock.parse("07:00"), SHANGHAI, monday)
        assert (found, found.weekday()) == (wall("2025-03-10 07:00"), 0)
    assert next_time(utc("2025-03-09 23:00"), Clock.parse("07:00"), SHANGHAI, monday) == wall("2025-03-17 07:00")


def test_the_next_time_is_never_now():
    nine = Clock.parse("09:00")
    assert next_time(utc("2025-03-03 01:00"), nine, SHANGHAI) == wall("2025-03-04 09:00")
    assert next_time(utc("2025-03-03 00:59"), nine, SHANGHAI) == wall("2025-03-03 09:00")


def test_a_calendar_day_over_a_change_of_the_clocks_has_23_or_25_hours():
    for before, hours in (("2025-03-29 14:00", 23), ("2025-10-25 13:00", 25)):
        start = utc(before)
        later = at(days_later(start, 1, BERLIN), BERLIN)
        assert (later - start).total_seconds() / 3600 == hours
        assert local(later, BERLIN).time() == local(start, BERLIN).time()


def window(start, end, *days):
    return Window(Weekdays.parse(list(days)) if days else ANY_DAY, Clock.parse(start), Clock.parse(end))


@pytest.mark.parametrize(
    ("open", "now", "opens"),
    [
        (window("09:00", "18:00"), "2025-03-03 01:00", "2025-03-03 01:00"),
        (window("09:00", "18:00"), "2025-03-03 00:59", "2025-03-03 01:00"),
        (window("09:00", "18:00"), "2025-03-03 10:00", "2025-03-04 01:00"),
        (window("09:00", "18:00", "mon"), "2025-03-03 10:00", "2025-03-10 01:00"),
        (window("22:00", "02:00", "fri"), "2025-03-07 17:59", "2025-03-07 17:59"),
        (window("22:00", "02:00", "fri"), "2025-03-07 18:00", "2025-03-14 14:00"),
        (window("00:00", "24:00", "sun"), "2025-03-09 15:59", "2025-03-09 15:59"),
        (window("00:00", "24:00", "sun"), "2025-03-09 16:00", "2025-03-15 16:00"),
    ],
)
def test_a_window_is_open_from_its_first_minute_to_before_its_last(open, now, opens):
    assert open.opens(utc(now), SHANGHAI) == utc(opens)


def test_a_window_does_not_open_on_holidays():
    holidays = {date(2025, 10, 1), date(2025, 10, 2)}
    assert window("09:00", "18:00").opens(utc("2025-09-30 10:00"), SHANGHAI, holidays) == utc("2025-10-03 01:00")


def test_a_window_that_the_change_of_the_clocks_swallows_opens_the_night_after():
    assert window("02:00", "03:00").opens(utc("2025-03-30 00:00"), BERLIN) == utc("2025-03-31 00:00")
    assert window("02:00", "03:00").span(date(2025, 10, 26), BERLIN) == (
        utc("2025-10-26 00:00"),
        utc("2025-10-26 02:00"),
    )


def test_a_window_closed_by_a_year_of_holidays_says_so():
    year = {date.fromordinal(date(2025, 3, 1).toordinal() + n) for n in range(500)}
    with pytest.raises(ValueError, match="holidays"):
        window("09:00", "18:00").opens(utc("2025-03-03 10:00"), SHANGHAI, year)


@pytest.mark.parametrize(
    ("stored", "instant"),
    [
        ("2025-03-30", "2025-03-29 23:00"),
        (" 2025-06-18 ", "2025-06-17 22:00"),
        ("2025-06-18 12:00", "2025-06-18 10:00"),
        ("2025-06-18T12:00:00Z", "2025-06-18 12:00"),
        ("2025-06-18T12:00:00+08:00", "2025-06-18 04:00"),
        (1750240800, "2025-06-18 10:00"),
        (1750240800000, "2025-06-18 10:00"),
        ("tomorrow", None),
        ("2025-02-29", None),
        ("20250618", None),
        ("0001-01-01", None),
        ("9999-12-31T23:59:59-12:00", None),
        (True, None),
        (float("nan"), None),
        (1e300, None),
        (["2025-06-18"], None),
        (None, None),
    ],
)
def test_a_stored_date_is_read_in_the_zone_unless_it_names_its_own(stored, instant):
    assert read_date(stored, BERLIN) == (instant and utc(instant))


@pytest.mark.parametrize("raw", ["7:00", "24:01", "25:00", "07:60", "0700", "", None, 7, "07:00:00"])
def test_what_is_no_time_of_day_is_refused(raw):
    with pytest.raises(ValueError, match="07:30"):
        Clock.parse(raw)


@pytest.mark.parametrize("raw", [[], ["monday"], "mon", None, [1], [["mon"]]])
def test_what_are_no_weekdays_is_refused(raw):
    with pytest.raises(ValueError, match="choose"):
        Weekdays.parse(raw)
