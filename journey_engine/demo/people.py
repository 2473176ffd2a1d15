"""Who comes by: customers drawn from a seed, each the same whenever their number is asked for.

Nobody real can be meant. Mail goes to example domains. American numbers are 555-01xx, kept for fiction. China keeps no
numbers for fiction, so Chinese ones begin with 12, which no operator hands out.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

REGULARS = 400
"""Customers who come again and again; higher numbers are newcomers."""

SURNAMES = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("赵", "zhao"),
    ("黄", "huang"), ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("胡", "hu"), ("林", "lin"),
)  # fmt: skip
GIVEN = (
    ("蕾", "lei"), ("梅", "mei"), ("静怡", "jingyi"), ("思远", "siyuan"), ("雨桐", "yutong"), ("浩然", "haoran"),
    ("子涵", "zihan"), ("欣妍", "xinyan"), ("建国", "jianguo"), ("晓明", "xiaoming"), ("一诺", "yinuo"),
    ("婉清", "wanqing"), ("明哲", "mingzhe"), ("可欣", "kexin"),
)  # fmt: skip
CHINESE_CITIES = ("上海", "杭州", "成都", "广州", "北京", "南京", "武汉", "厦门")

FIRST_NAMES = (
    "Ada", "Ben", "Clara", "Daniel", "Emma", "Felix", "Grace", "Henry", "Iris", "Jack", "Kate", "Leo", "Maya", "Noah",
    "Olive", "Peter", "Ruth", "Simon", "Tess", "Victor",
)  # fmt: skip
LAST_NAMES = ("Ames", "Baker", "Cole", "Dunn", "Ellis", "Frost", "Grant", "Hale", "Irwin", "Jones", "Kerr", "Lane")
CITIES = ("Seattle", "Austin", "Boston", "Denver", "Portland", "Chicago")
AREA_CODES = (206, 512, 617, 303, 503, 312, 415, 212)

DOMAINS = ("example.com", "example.net", "example.org")
CHANNELS = ("search", "friends", "xiaohongshu", "newsletter", "store")


@dataclass(frozen=True, slots=True)
class Person:
    """One customer as the shop knows them."""

    number: int
    identities: dict[str, str]
    attributes: dict[str, Any]


def person(seed: int, number: int) -> Person:
    """The customer with this number, the same for the same seed."""
    random = Random(f"{seed}/{number}")
    chinese = random.random() < 0.6
    attributes, login = _chinese(random) if chinese else _american(random)
    attributes |= {"tier": random.choice(("new", "silver", "silver", "gold")), "source": random.choice(CHANNELS)}
    identities = {"external_id": f"Q{seed}-{number}", "email": f"{login}{number}@{random.choice(DOMAINS)}"}
    phone = _chinese_phone(seed, number) if chinese else _american_phone(number)
    return Person(number, identities | ({"phone": phone} if phone else {}), attributes)


def _chinese(random: Random) -> tuple[dict[str, Any], str]:
    (surname, surname_latin), (given, given_latin) = random.choice(SURNAMES), random.choice(GIVEN)
    first_name = given if len(given) > 1 else surname + given  # a single syllable is not how one is addressed
    names = {"name": surname + given, "first_name": first_name, "language": "zh", "city": random.choice(CHINESE_CITIES)}
    return names, f"{given_latin}.{surname_latin}"


def _american(random: Random) -> tuple[dict[str, Any], str]:
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    names = {"name": f"{first} {last}", "first_name": first, "language": "en", "city": random.choice(CITIES)}
    return names, f"{first}.{last}".lower()


def _chinese_phone(seed: int, number: int) -> str:
    """The odd factor has no divisor in common with 10⁹, so no two numbers meet."""
    return f"+8612{(number * 48_271_739 + seed * 7_919) % 10**9:09}"


def _american_phone(number: int) -> str:
    """There are a hundred numbers for fiction in an area; whoever comes after the last one has told us none."""
    area, line = divmod(number, 100)
    return f"+1{AREA_CODES[area]}55501{line:02}" if area < len(AREA_CODES) else ""
