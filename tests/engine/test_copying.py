"""Values keep themselves on their way into the database, whatever characters are in them."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from journey_engine.store.copying import as_json, copy_rows
from journey_engine.store.session import transaction

ID = UUID("0192f0c1-0000-7000-8000-00000000000a")
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
awkward = st.one_of(
    texts, st.sampled_from(["", "NULL", "\\N", "\\.", '"', "{}", "a,b", "\\", "\t", "\r\n", "\u2028", "\x1c"])
)


@given(values=st.lists(st.one_of(st.none(), awkward), max_size=5), tree=st.dictionaries(awkward, awkward, max_size=3))
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_texts_arrive_as_they_were(shop, values, tree):
    assert shop.one("SELECT CAST(:values AS text[])", values=values) == values
    with transaction(shop.engine) as tx:
        tx.execute(text("CREATE TEMP TABLE kept (n int, t text, j jsonb) ON COMMIT DROP"))
        copy_rows(tx, "kept", ("n", "t", "j"), [(n, value, as_json(tree)) for n, value in enumerate(values)])
        rows = tx.execute(text("SELECT t, j FROM kept ORDER BY n")).all()
    assert rows == [(value, tree) for value in values]


def test_ids_instants_and_numbers_arrive_as_they_were(shop):
    at = datetime(2025, 3, 3, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    row = (ID, 7, True, False, at.astimezone(UTC), None, 1.5)
    with transaction(shop.engine) as tx:
        columns = "id uuid, n int, yes bool, no bool, at timestamptz, nothing uuid, x float"
        tx.execute(text(f"CREATE TEMP TABLE kept ({columns}) ON COMMIT DROP"))
        copy_rows(tx, "kept", [one.split()[0] for one in columns.split(", ")], [row])
        assert tuple(tx.execute(text("SELECT * FROM kept")).one()) == row
    for type, value in {
        "uuid": ID,
        "int": 7,
        "bool": True,
        "timestamptz": at,
        "bytea": b"\x00\\\xff",
        "float": -2.5,
    }.items():
        assert shop.one(f"SELECT CAST(:values AS {type}[])", values=[value, None, value]) == [value, None, value]
