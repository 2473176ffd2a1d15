"""Customers are let into a journey by a call, by hand, and by a file."""

import io
import zipfile

import pytest

from journey_engine.pipeline.turn import turn
from tests.api.conftest import HERE

PAYLOAD = [{"name": "sku", "type": "text", "required": True}, {"name": "worth", "type": "number"}]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def journey(shop):
    """A live journey that asks for a sku and lets everybody wait."""
    wait = {"duration": {"amount": 1, "unit": "hours"}}
    nodes = [
        {"id": "asked", "kind": "api", "settings": {"payload": PAYLOAD, "key": "sku"}, "position": HERE},
        {"id": "wait", "kind": "wait", "settings": wait, "position": HERE},
        {"id": "bye", "kind": "exit", "settings": {}, "position": HERE},
    ]
    edges = [{"from": "asked", "exit": "next", "to": "wait"}, {"from": "wait", "exit": "next", "to": "bye"}]
    return shop.live({"settings": {"reentry": {"policy": "one_per_key"}}, "nodes": nodes, "edges": edges})


def ask(shop, journey, headers=None, **body):
    client = shop.client() if headers is None else shop.app.test_client()
    return client.post(f"/api/v1/journeys/{journey}/entries", json=body, headers=headers)


def inside(shop, engine, journey):
    """The keys of those who are in the journey."""
    while turn(engine).worked:
        pass
    rows = shop.client().get(f"/api/v1/journeys/{journey}/enrollments").json["items"]
    return [row["status"] for row in rows]


def test_a_call_lets_a_customer_in_once_per_message_id(shop, engine, journey):
    asked = {"customer": {"external_id": "ann"}, "properties": {"sku": "A1"}, "message_id": "m1"}
    first = ask(shop, journey, shop.key("ingest"), **asked)
    again = ask(shop, journey, shop.key("ingest"), **asked)
    other = ask(shop, journey, shop.key("ingest"), **{**asked, "properties": {"sku": "B2"}})
    assert (first.status_code, first.json["accepted"], first.json["duplicate"]) == (200, True, False)
    assert (again.status_code, again.json["duplicate"]) == (200, True)
    assert again.json["event_id"] == first.json["event_id"]
    assert (other.status_code, other.json["code"]) == (409, "event:conflict")
    assert inside(shop, engine, journey) == ["waiting"]


def test_each_of_a_list_has_its_own_result(shop, engine, journey):
    entries = [
        {"customer": {"external_id": "ann"}, "properties": {"sku": "A1", "worth": 7}},
        {"customer": {"external_id": "bob"}, "properties": {}},
        {"customer": {"external_id": "cat"}, "properties": {"sku": "A1", "worth": "much"}},
        {"customer": {}, "properties": {"sku": "A1"}},
        "odd",
    ]
    answer = ask(shop, journey, entries=entries)
    assert answer.status_code == 207
    codes = [result.get("code") for result in answer.json["results"]]
    assert codes == [None, "entry:property", "entry:property", "event:customer", "entry:shape"]
    assert answer.json["results"][1]["where"] == {"field": "sku"}
    assert "缺少 sku" in answer.json["results"][1]["error_zh"]
    assert inside(shop, engine, journey) == ["waiting"]


def test_an_operator_lets_in_a_customer_by_their_id(shop, other_shop, engine, journey):
    shop.tell(name="Signed Up", customer={"email": "dan@mail.example"})
    (dan,) = shop.client().get("/api/v1/customers").json["items"]
    assert ask(shop, journey, customer={"id": dan["id"]}, properties={"sku": "A1"}).status_code == 200
    assert inside(shop, engine, journey) == ["waiting"]
    shop.tell(name="Signed Up", customer={"email": "eve@mail.example"})
    strange = ask(shop, journey, customer={"id": "0193f2a0-0000-7000-8000-000000000001"}, properties={"sku": "A1"})
    assert (strange.status_code, strange.json["code"]) == (404, "entry:customer")
    foreign = ask(other_shop, journey, customer={"id": dan["id"]}, properties={"sku": "A1"})
    assert foreign.status_code == 404


def test_a_journey_that_does_not_run_takes_nobody(shop, journey, waiting):
    draft = shop.client().post("/api/v1/journeys", json={"name": "Draft", "graph": waiting}).json["id"]
    asked = {"customer": {"external_id": "ann"}, "properties": {"sku": "A1"}}
    assert ask(shop, draft, **asked).json["code"] == "journey:not_live"
    assert ask(shop, shop.live(waiting, "No such trigger"), **asked).json["code"] == "journey:no_entry"
    shop.client().post(f"/api/v1/journeys/{journey}/stop", json={})
    assert ask(shop, journey, **asked).json["code"] == "journey:not_live"


def test_what_is_asked_of_a_paused_journey_happens_when_it_goes_on(shop, engine, journey):
    shop.client().post(f"/api/v1/journeys/{journey}/pause", json={})
    assert ask(shop, journey, customer={"external_id": "ann"}, properties={"sku": "A1"}).status_code == 200
    assert inside(shop, engine, journey) == []
    shop.client().post(f"/api/v1/journeys/{journey}/resume", json={})
    assert inside(shop, engine, journey) == ["waiting"]


def send(shop, journey, raw, mimetype="text/csv"):
    return shop.client().post(f"/api/v1/journeys/{journey}/import", data=raw, content_type=mimetype)


def test_a_file_lets_in_its_rows_and_says_which_it_could_not(shop, engine, journey):
    raw = b"external_id,sku,worth\nann,A1,7.5\n\nbob,,3\ncat,B2,viel\ndan,C3,\n"
    answer = send(shop, journey, raw)
    assert answer.status_code == 200
    told = {name: answer.json[name] for name in ("rows", "accepted", "duplicates", "refused")}
    assert told == {"rows": 4, "accepted": 2, "duplicates": 0, "refused": 2}
    assert [(one["row"], one["where"]["field"]) for one in answer.json["problems"]] == [(4, "sku"), (5, "worth")]
    assert inside(shop, engine, journey) == ["waiting", "waiting"]
    assert send(shop, journey, raw).json["duplicates"] == 2


def test_a_file_of_chinese_excel_is_read_in_either_form(shop, engine, journey):
    assert send(shop, journey, "phone,sku\n+8613800138000,茶叶\n".encode("gb18030")).json["accepted"] == 1
    assert send(shop, journey, workbook([["phone", "sku"], [8613800138001, "茶叶"]]), XLSX).json["refused"] == 0
    assert len(inside(shop, engine, journey)) == 2


@pytest.mark.parametrize(
    ("raw", "mimetype", "code"),
    [
        (b"name,sku\nann,A1\n", "text/csv", "import:columns"),
        (b"", "text/csv", "import:columns"),
        (b"PK not really", XLSX, "import:file"),
        (b"\xff\xff\xff", "text/csv", "request:utf8"),
        (b"external_id,sku\nann,A1\n", "application/json", "request:content_type"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(shop, journey, raw, mimetype, code):
    assert send(shop, journey, raw, mimetype).json["code"] == code


def workbook(rows):
    """The smallest Excel file with these rows."""
    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main, office = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org"
    types = f"{office}/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{office}/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{types}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{types}"><sheets>'
        '<sheet name="List" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{office}/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{types}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return file.getvalue()


def cell(value):
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
