"""Lists of customers in files: CSV in UTF-8 or GB 18030, or the first sheet of an Excel file."""

import csv
import io
import math
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from journey_engine.errors import BadRequest, Invalid, TooLarge, WrongType
from journey_engine.model.customer import IDENTITY_KINDS

UNPACKED_BYTES = 100_000_000
"""An Excel file is a packed one; what it unpacks to is held in memory."""

EXCEL = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",)
TRUTHS = {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}


def read_list(raw: bytes, mimetype: str, fields: Sequence[Any]) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a file, numbered as it shows them: whom each names, and the properties that stand beside."""
    if mimetype == "text/csv":
        table = _csv(raw)
    elif mimetype in EXCEL:
        table = _excel(raw)
    else:
        raise WrongType("Send a CSV file as text/csv, or an Excel file.", code="request:content_type")
    names = [str(name).strip() for name in table[0]] if table else []
    if not set(names) & set(IDENTITY_KINDS):
        message = f"The first row names the columns; one of them has to be {', '.join(IDENTITY_KINDS)}."
        raise Invalid(message, code="import:columns", where={"columns": names[:50]})
    types = {field.name: field.type for field in fields}
    rows = ((number, dict(zip(names, row, strict=False))) for number, row in enumerate(table[1:], 2))
    return [(number, _entry(row, types)) for number, row in rows if any(_filled(value) for value in row.values())]


def _entry(row: dict[str, Any], types: dict[str, str]) -> dict[str, Any]:
    """Empty cells say nothing."""
    said = {name: value for name, value in row.items() if name and _filled(value)}
    customer = {name: _written(value) for name, value in said.items() if name in IDENTITY_KINDS}
    properties = {name: _typed(value, types.get(name)) for name, value in said.items() if name not in IDENTITY_KINDS}
    return {"customer": customer, "properties": properties}


def _filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def _written(value: Any) -> str:
    """A cell as it reads; spreadsheets keep whole numbers as 7.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _typed(value: Any, type: str | None) -> Any:
    """A cell as the value that is asked for; one that does not fit stays a text, and is refused with its row."""
    text = _written(value)
    if type == "number":
        try:
            number = float(text)
        except ValueError:
            return text
        return text if not math.isfinite(number) else int(number) if number.is_integer() else number
    if type == "boolean":
        return value if isinstance(value, bool) else TRUTHS.get(text.lower(), text)
    return [part.strip() for part in text.split(";") if part.strip()] if type == "list" else text


def _csv(raw: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):  # Chinese Excel writes the second
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadRequest("The file is neither UTF-8 nor GB 18030.", code="request:utf8")
    if "\0" in text:
        raise BadRequest("The file is no CSV.", code="import:file")
    try:
        return list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise BadRequest(f"The file is no CSV: {error}.", code="import:file") from None


def _excel(raw: bytes) -> list[list[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED_BYTES:
                raise TooLarge(where={"bytes": UNPACKED_BYTES})
        return CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
    except (CalamineError, zipfile.BadZipFile, ValueError, IndexError, OSError):
        raise BadRequest("The file is no Excel file, or it is damaged.", code="import:file") from None
