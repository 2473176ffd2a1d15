"""Settings: one line in a class says what a marketer may set; from it follow the check, the form and the needs.

    class Wait(Node):
        duration: Duration = setting("duration", "Wait for", "等待时长", default={"amount": 1, "unit": "days"})

A class with settings derives from `Settings`. `load` checks a raw JSON object and answers the filled instance or the
problems; `describe` answers what the editor needs to draw the form.
"""

import re
from datetime import date, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from croniter import CroniterError, croniter
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from journey_engine.config import EVENT_NAME_CHARS, PROPERTY_KEY_CHARS
from journey_engine.model.comparison import RuleProblem, parse_filters
from journey_engine.model.duration import Duration
from journey_engine.model.moment import Clock, Weekdays
from journey_engine.model.rule import Rule, parse
from journey_engine.model.source import Source
from journey_engine.model.zone import named_zone
from journey_engine.text import Text, Unfit

TEXT_CHARS = 200
LONG_TEXT_CHARS = 2_000
TEMPLATE_CHARS = 200_000
ITEMS = 50
NODE_ID_CHARS = 64
DATE = re.compile(r"[12]\d{3}-\d{2}-\d{2}")
WALL = re.compile(r"[12]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}")
MISSING_SETTING = Text("this setting is missing", "此项未填写")
ITEM_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
TAGS, TAG_CHARS, ADDRESSES = 20, 100, 10


class Setting:
    """One thing a marketer may set. `type` chooses the check and the form field.

    `optional`: it may be null although it has a default. `only_when`: it matters only while other settings have one of
    these values, and a required one must be filled in only then. `references`: values in its filters may be read from
    the event that started the enrollment, or from what it remembers. `about`: whether a rule reads an enrollment, or a
    `customer` alone.
    """

    def __init__(
        self,
        type: str,
        en: str,
        zh: str,
        *,
        default: Any = None,
        required: bool = False,
        help: Text | None = None,
        choices: dict[str, Text] | None = None,
        min: int | None = None,
        max: int | None = None,
        max_length: int | None = None,
        items: type["Settings"] | None = None,
        secret: bool = False,
        optional: bool = False,
        only_when: dict[str, tuple[str | None, ...]] | None = None,
        references: bool = False,
        about: str = "enrollment",
    ):
        self.name = ""
        self.type, self.title, self.help = type, Text(en, zh), help
        self.default, self.required, self.secret = default, required, secret
        self.choices, self.min, self.max, self.items = choices, min, max, items
        self.optional, self.only_when, self.references = optional or default is None, only_when or {}, references
        self.about = about
        self.max_length = max_length or LENGTHS.get(type)

    def field(self) -> fields.Field:
        """The check as a marshmallow field, which also turns the raw value into what the node works with."""
        return MAKERS[self.type](self)

    def needed(self, values: dict[str, Any]) -> bool:
        """Whether it must be filled in because of what other settings are."""
        return (
            self.required
            and bool(self.only_when)
            and all(values.get(name) in wanted for name, wanted in self.only_when.items())
        )

    def describe(self) -> dict[str, Any]:
        """The form field as JSON; keys without a value are left out."""
        shown = {
            "name": self.name,
            "type": self.type,
            "title": self.title.to_json(),
            "help": self.help.to_json() if self.help else None,
            "required": self.required,
            "default": self.default,
            "choices": [{"value": v, "title": t.to_json()} for v, t in self.choices.items()] if self.choices else None,
            "min": self.min,
            "max": self.max,
            "max_length": self.max_length,
            "secret": self.secret or None,
            "optional": (self.optional and self.default is not None) or None,
            "only_when": {name: list(values) for name, values in self.only_when.items()} or None,
            "references": self.references or None,
            "fields": self.items.describe() if self.items else None,
            "completes": COMPLETES.get(self.type),
            "about": self.about if self.type == "rule" and self.about != "enrollment" else None,
        }
        return {key: value for key, value in shown.items() if value is not None}


def setting(type: str, en: str, zh: str, **rest: Any) -> Any:
    """Declare a setting in a class body; see `Setting` for what may follow."""
    return Setting(type, en, zh, **rest)


class Settings:
    """A class whose attributes may be settings. Instances hold the checked values under the same names."""

    settings: ClassVar[dict[str, Setting]] = {}
    schema: ClassVar[Schema]

    def __init_subclass__(cls, **rest: Any):
        super().__init_subclass__(**rest)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Setting)}
        for name, one in own.items():
            one.name = name
        fixed = vars(cls).keys() - own.keys()  # a subclass that gives a setting its value takes it out of the form
        inherited = {name: one for name, one in cls.settings.items() if name not in own and name not in fixed}
        cls.settings = {**own, **inherited}
        checks = {name: one.field() for name, one in cls.settings.items()}
        cls.schema = Schema.from_dict(checks, name=f"{cls.__name__}Settings")(unknown=RAISE)

    @classmethod
    def load(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """The checked values by name, defaults filled in; raises marshmallow's ValidationError by setting name."""
        values = cls.schema.load(raw)
        missing = [one.name for one in cls.settings.values() if one.needed(values) and values[one.name] in (None, "")]
        if missing:
            raise ValidationError({name: [MISSING_SETTING] for name in missing}, valid_data=values)
        return values

    @classmethod
    def describe(cls) -> list[dict[str, Any]]:
        return [one.describe() for one in cls.settings.values()]


class ParsedField(fields.Field):
    """A field whose raw JSON is read by a function that raises ValueError with a sentence."""

    def __init__(self, read: Any, **rest: Any):
        super().__init__(**rest)
        self.read = read

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> Any:
        try:
            return self.read(value)
        except (RuleProblem, Unfit) as problem:
            raise ValidationError([problem.text]) from problem
        except ValueError as problem:
            raise ValidationError(str(problem)) from problem


def _basics(one: Setting, **extra: Any) -> dict[str, Any]:
    """What every field shares: required ones must be there, others load their default through the same check."""
    if one.required and not one.only_when:
        return {"required": True, "error_messages": {"required": [MISSING_SETTING]}, **extra}
    return {"load_default": lambda: _default(one), "allow_none": one.optional, **extra}


def _default(one: Setting) -> Any:
    return None if one.default is None else one.field().deserialize(one.default)


def _string(one: Setting) -> fields.Field:
    checks: list[Any] = [validate.Length(min=1 if one.required else None, max=one.max_length)]
    if one.type in ("event_name", "property", "attribute"):
        checks.append(_no_control)
    return fields.Str(validate=checks, **_basics(one))


def _no_control(value: str) -> None:
    if any(ord(c) < 32 for c in value):
        raise ValidationError("control characters are not allowed in a name")


def _number(one: Setting) -> fields.Field:
    return fields.Int(strict=True, validate=validate.Range(min=one.min, max=one.max), **_basics(one))


def _choice(one: Setting) -> fields.Field:
    return fields.Str(validate=validate.OneOf(list(one.choices or ())), **_basics(one))


def _event_names(one: Setting) -> fields.Field:
    name = fields.Str(validate=[validate.Length(min=1, max=EVENT_NAME_CHARS), _no_control])
    return fields.List(name, validate=validate.Length(min=1 if one.required else None, max=ITEMS), **_basics(one))


def _items(one: Setting) -> fields.Field:
    """A list of objects with settings of their own; items that carry an `id` must have different ones."""

    def read(raw: Any) -> tuple[SimpleNamespace, ...]:
        most = one.max or ITEMS
        if not isinstance(raw, list) or len(raw) > most or len(raw) < (one.min or 0):
            raise ValueError(f"a list of {one.min or 0} to {most} items")
        loaded = tuple(SimpleNamespace(**one.items.load(item)) for item in raw)
        ids = [item.id for item in loaded if hasattr(item, "id")]
        if len(ids) != len(set(ids)) or any(not ITEM_ID.fullmatch(i) for i in ids):
            raise ValueError("each item has an id of its own, of letters, digits, - and _")
        return loaded

    return ParsedField(read, **_basics(one))


def _object(one: Setting) -> fields.Field:
    """One object with settings of its own."""

    def read(raw: Any) -> SimpleNamespace:
        if not isinstance(raw, dict):
            raise ValueError("an object with settings of its own")
        return SimpleNamespace(**one.items.load(raw))

    return ParsedField(read, **_basics(one))


def _values(raw: Any) -> tuple[str | int | float, ...]:
    if not isinstance(raw, list) or not 0 < len(raw) <= ITEMS:
        raise Unfit(f"a list of 1 to {ITEMS} values", f"填写 1 到 {ITEMS} 个值")
    if not all(isinstance(one, str | int | float) and one != "" for one in raw):
        raise Unfit("a value is a text, a number, true or false", "值须为文本、数字或是/否")
    return tuple(raw)


def _value_from(raw: Any) -> Any:
    """A constant as it is, or where the value is read."""
    if isinstance(raw, dict):
        return Source.parse(raw)
    one_by_one = raw if isinstance(raw, list) else [raw]
    if len(one_by_one) > ITEMS or not all(isinstance(one, str | int | float) for one in one_by_one):
        raise Unfit(
            "a value is a text, a number, true or false, a list of those, or where it is read",
            "值可以是文本、数字、真或假、它们的列表，或指明从哪里读取",
        )
    return raw


def _variable(raw: Any) -> str:
    if not isinstance(raw, str) or not VARIABLE.fullmatch(raw):
        raise Unfit(
            "a variable is named by letters, digits and _, beginning with a letter",
            "变量名由字母、数字和 _ 组成，以字母开头",
        )
    return raw


def _tags(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not 0 < len(raw) <= TAGS:
        raise Unfit(f"a list of 1 to {TAGS} tags", f"填写 1 到 {TAGS} 个标签")
    if not all(isinstance(tag, str) and len(tag.strip()) > 0 and len(tag) <= TAG_CHARS for tag in raw):
        raise Unfit(f"a tag is a text of 1 to {TAG_CHARS} characters", f"标签为 1 到 {TAG_CHARS} 个字符的文本")
    return tuple(sorted({tag.strip() for tag in raw}))


def _addresses(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not 0 < len(raw) <= ADDRESSES:
        raise Unfit(f"a list of 1 to {ADDRESSES} e-mail addresses", f"填写 1 到 {ADDRESSES} 个邮箱地址")
    for address in raw:
        if not isinstance(address, str) or len(address) > 254 or not ADDRESS.fullmatch(address):
            raise Unfit(f"“{str(address)[:100]}” is no e-mail address", f"“{str(address)[:100]}”不是邮箱地址")
    return tuple(dict.fromkeys(raw))


def _chosen(one: Setting) -> Any:
    """The id of something of the workspace, in one spelling."""

    def read(raw: Any) -> str:
        if raw == "" and not one.required:
            return ""
        try:
            return str(UUID(raw))
        except (ValueError, AttributeError, TypeError):
            raise Unfit("choose one of the list", "请从列表中选择") from None

    return read


def _unless_empty(one: Setting, read: Any) -> Any:
    """A text that may be left out may also be empty."""
    return lambda raw: None if raw == "" and one.optional else read(raw)


def _date(raw: Any) -> date:
    if not isinstance(raw, str) or not DATE.fullmatch(raw):
        raise Unfit("a date is year, month and day, such as 2026-06-18", "日期写作年-月-日，例如 2026-06-18")
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise Unfit(f"there is no {raw}", f"不存在 {raw} 这一天") from None


def _wall(raw: Any) -> datetime:
    """A date and a time as a clock on the wall shows them, in whichever zone."""
    if not isinstance(raw, str) or not WALL.fullmatch(raw):
        raise Unfit("a date and a time, such as 2026-06-18T07:30", "日期和时刻写作 2026-06-18T07:30")
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        raise Unfit(f"there is no {raw}", f"不存在 {raw}") from None


def _cron(raw: Any) -> str:
    """Minute, hour, day of the month, month, day of the week; there must be a day that fits."""
    if not isinstance(raw, str) or len(raw.split()) != 5 or len(raw) > 100 or not croniter.is_valid(raw):
        raise Unfit(
            "five fields: minute, hour, day, month, weekday; “0 10 * * 1” is Mondays at 10:00",
            "五个字段：分 时 日 月 星期；例如“0 10 * * 1”表示每周一 10:00",
        )
    try:
        croniter(raw, datetime(2024, 1, 1)).get_next(datetime)
    except CroniterError:
        raise Unfit("no day ever fits this", "没有任何日期符合该表达式") from None
    return " ".join(raw.split())


def _zone(raw: Any) -> str:
    if raw != "" and named_zone(raw) is None:
        raise Unfit(
            "a zone is a name such as Asia/Shanghai; empty is the customer's own",
            "时区写作 Asia/Shanghai 这样的名称；留空表示客户所在时区",
        )
    return raw


def _url(raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > 2_000 or any(c.isspace() for c in raw):
        raise ValueError("an address like https://shop.example/hook")
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("the address starts with https:// or http:// and carries no name or password")
    return raw


LENGTHS = {
    "text": TEXT_CHARS,
    "long_text": LONG_TEXT_CHARS,
    "template": TEMPLATE_CHARS,
    "json_template": TEMPLATE_CHARS,
    "event_name": EVENT_NAME_CHARS,
    "property": PROPERTY_KEY_CHARS,
    "attribute": PROPERTY_KEY_CHARS,
    "account": TEXT_CHARS,
    "node": NODE_ID_CHARS,
    "goal": NODE_ID_CHARS,
}

COMPLETES = {
    "event_name": "event",
    "event_names": "event",
    "property": "property",
    "attribute": "attribute",
    "account": "account",
    "variable": "context",
    "journey": "journey",
    "segment": "segment",
    "coupon_pool": "coupon_pool",
}
"""Settings whose values the editor completes from real data."""

MAKERS: dict[str, Any] = {
    **dict.fromkeys(LENGTHS, _string),
    "number": _number,
    "boolean": lambda one: fields.Bool(truthy={True}, falsy={False}, **_basics(one)),
    "choice": _choice,
    "duration": lambda one: ParsedField(Duration.parse, **_basics(one)),
    "rule": lambda one: ParsedField(partial(parse, about=one.about), **_basics(one)),
    "filters": lambda one: ParsedField(partial(parse_filters, references=one.references), **_basics(one)),
    "event_names": _event_names,
    "list": _items,
    "object": _object,
    "url": lambda one: ParsedField(_url, **_basics(one)),
    "time": lambda one: ParsedField(_unless_empty(one, Clock.parse), **_basics(one)),
    "date": lambda one: ParsedField(_unless_empty(one, _date), **_basics(one)),
    "weekdays": lambda one: ParsedField(Weekdays.parse, **_basics(one)),
    "zone": lambda one: ParsedField(_zone, **_basics(one)),
    "datetime": lambda one: ParsedField(_wall, **_basics(one)),
    "cron": lambda one: ParsedField(_cron, **_basics(one)),
    "source": lambda one: ParsedField(Source.parse, **_basics(one)),
    "values": lambda one: ParsedField(_values, **_basics(one)),
    "value_from": lambda one: ParsedField(_value_from, **_basics(one)),
    "variable": lambda one: ParsedField(_variable, **_basics(one)),
    "tags": lambda one: ParsedField(_tags, **_basics(one)),
    "addresses": lambda one: ParsedField(_addresses, **_basics(one)),
    "journey": lambda one: ParsedField(_chosen(one), **_basics(one)),
    "segment": lambda one: ParsedField(_chosen(one), **_basics(one)),
    "coupon_pool": lambda one: ParsedField(_chosen(one), **_basics(one)),
    "any": lambda one: fields.Raw(**_basics(one)),
}


def shown(value: Any, one: Setting | None = None) -> Text:
    """A checked value as it reads inside a sentence."""
    if isinstance(value, Text):
        return value
    if isinstance(value, Duration | Rule | Clock | Weekdays | Source):
        return value.summary()
    if one and one.choices and value in one.choices:
        return one.choices[value]
    if one and one.type in ("tags", "addresses") and value:
        return Text(", ".join(value), "、".join(value))
    if isinstance(value, datetime):
        return Text(value.isoformat(" ", "minutes"), value.isoformat(" ", "minutes"))
    if isinstance(value, list | tuple):
        parts = [shown(getattr(item, "name", None) or getattr(item, "event", None) or _summary(item)) for item in value]
        return Text(" or ".join(p.en for p in parts), " 或 ".join(p.zh for p in parts))
    if one and one.type == "zone" and value == "":
        return Text("the customer's zone", "客户所在时区")
    if value is None or value == "":
        return Text("…", "…")
    return Text(str(value), str(value))


def _summary(item: Any) -> Any:
    return item.summary() if hasattr(item, "summary") else getattr(item, "attribute", item)


def problems_of(error: ValidationError) -> dict[str, str]:
    """The first sentence of each setting that failed."""
    return {str(name): _first(messages) for name, messages in error.normalized_messages().items()}


def _first(messages: Any) -> str:
    while isinstance(messages, list | dict):
        messages = next(iter(messages.values() if isinstance(messages, dict) else messages))
    return messages if isinstance(messages, Text) else str(messages)
