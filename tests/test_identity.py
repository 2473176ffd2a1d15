"""Identities as shops write them, made comparable."""

import pytest

from journey_engine.errors import Invalid
from journey_engine.identity import normalise


@pytest.mark.parametrize("value", ["null", "undefined", " None ", "Anonymous", "[object Object]"])
def test_what_programs_send_for_nobody_is_no_identity(value):
    with pytest.raises(Invalid) as refused:
        normalise("external_id", value)
    assert refused.value.code == "event:nobody"
    assert refused.value.where == {"field": "customer.external_id"}


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("email", " Ann@Example.COM ", "ann@example.com"),
        ("phone", "138 0013 8000", "+8613800138000"),
        ("phone", "+1 (201) 555-0123", "+12015550123"),
        ("external_id", 42, "42"),
        ("external_id", "nullable-7", "nullable-7"),
    ],
)
def test_the_same_person_written_differently_is_the_same(kind, written, kept):
    assert normalise(kind, written) == kept


@pytest.mark.parametrize(
    ("kind", "value"), [("email", "a@b@c.com"), ("phone", "12"), ("phone", "call me"), ("Kind", "x")]
)
def test_what_cannot_be_an_identity_is_refused(kind, value):
    with pytest.raises(Invalid):
        normalise(kind, value)
