"""API: the journey starts for customers who are named by a call, by an operator, or by the rows of a file."""

from journey_engine.model.comparison import look_up
from journey_engine.model.internal import REQUESTED
from journey_engine.model.values import INSTANT, MISSING
from journey_engine.setting import Settings, setting
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, KEY_CHARS, REFUSE, Internal, Match


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


TYPES = {
    "text": (Text("text", "文本"), lambda value: isinstance(value, str)),
    "number": (Text("number", "数字"), _is_number),
    "boolean": (Text("true or false", "是否"), lambda value: isinstance(value, bool)),
    "date": (Text("date", "日期"), lambda value: isinstance(value, str) and INSTANT.fullmatch(value) is not None),
    "list": (Text("list", "列表"), lambda value: isinstance(value, list)),
    "object": (Text("object", "对象"), lambda value: isinstance(value, dict)),
}


class Field(Settings):
    """One thing that has to be told of each customer."""

    name: str = setting("property", "Name", "名称", required=True)
    type: str = setting(
        "choice", "Type", "类型", default="text", choices={type: title for type, (title, _) in TYPES.items()}
    )
    required: bool = setting("boolean", "Required", "必填", default=False)


class Api(Internal):
    kind, icon = "api", "plug"
    title = Text("Call, list or file", "接口、名单或文件")
    help = Text(
        "Starts for customers who are named by an API call, chosen by an operator, or listed in an uploaded file.",
        "由接口调用、运营人员手动选择或上传文件中的名单让客户进入旅程。",
    )
    sentence = Text(
        "When asked for by a call, a person or a file[, with {payload}]", "由接口、人工或文件发起[，附带 {payload}]"
    )
    hears_of = REQUESTED

    payload: tuple = setting(
        "list",
        "What is told",
        "附带的数据",
        items=Field,
        default=[],
        help=Text(
            "The properties of an entry. Others are accepted as they are; these have to be of their type.",
            "进入时附带的属性。此处列出的属性必须符合类型，其余属性原样接受。",
        ),
    )
    key: str = setting(
        "property",
        "Key",
        "键属性",
        default="",
        help=Text(
            "A property such as cart_id: each value is a journey of its own.",
            "例如 cart_id：每个值对应一次独立的旅程。",
        ),
    )

    def problems(self):
        names = [field.name for field in self.payload]
        twice = sorted({name for name in names if names.count(name) > 1})
        return [Text(f"{name} is named twice", f"{name} 重复了") for name in twice]

    def wrong(self, properties):
        """What keeps these properties from being taken: the property and why, in both languages; None when nothing."""
        for field in self.payload:
            value, (title, fits) = properties.get(field.name), TYPES[field.type]
            if value is None and field.required:
                return field.name, Text(f"{field.name} is missing", f"缺少 {field.name}")
            if value is not None and not fits(value):
                return field.name, Text(f"{field.name} is not a {title.en}", f"{field.name} 不是{title.zh}")
        if self.key and self._key(properties) is None:
            return self.key, Text(f"{self.key} is the key and is missing", f"缺少键属性 {self.key}")
        return None

    def meet(self, customer, event, now):
        key = self._key(self.told(event))
        if key is None:
            return Match(customer, event, REFUSE, reason={"why": "no key", "key": self.key})
        reason = {"why": "requested", "by": event.properties.get("by"), "via": event.properties.get("via", "api")}
        return Match(customer, event, FIRE, key, event.occurred_at, reason)

    def told(self, event):
        return event.properties.get("properties") or {}

    def _key(self, properties):
        if not self.key:
            return ""
        value = look_up(properties, self.key)
        return None if value is MISSING or isinstance(value, dict | list) else str(value)[:KEY_CHARS]
