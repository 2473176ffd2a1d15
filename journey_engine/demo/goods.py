"""What the demo shop sells: things for the home, with names in both languages and a price in each currency."""

from typing import NamedTuple

from journey_engine.text import Text

SHOP = Text("Qinghe Goods", "青禾小铺")
SIGNATURE = Text("Qinghe", "青禾小铺")
"""Stands before every SMS and is charged like the rest of it, so it is short."""

SITE = "https://qinghe.example"
CURRENCIES = {"en": "USD", "zh": "CNY"}


class Product(NamedTuple):
    """One product; prices are in dollars and in yuan."""

    sku: str
    name: Text
    usd: float
    cny: float

    def as_item(self, language: str, quantity: int = 1) -> dict:
        """A line of a cart or an order."""
        price = self.cny if language == "zh" else self.usd
        return {"sku": self.sku, "name": getattr(self.name, language), "price": price, "quantity": quantity}


PRODUCTS = (
    Product("TEA-SET", Text("Celadon tea set", "青瓷茶具套装"), 129.0, 399.0),
    Product("TEA-LJ", Text("Longjing tea, 100 g", "明前龙井 100克"), 32.0, 168.0),
    Product("CUP-OX", Text("Oxblood cup", "郎红品茗杯"), 28.0, 88.0),
    Product("TRAY-B", Text("Bamboo tray", "竹制茶盘"), 46.0, 139.0),
    Product("THROW-L", Text("Linen throw", "亚麻盖毯"), 89.0, 269.0),
    Product("PILLOW-S", Text("Silk pillowcase", "真丝枕套"), 54.0, 199.0),
    Product("CANDLE-C", Text("Cedar candle", "雪松香薰蜡烛"), 24.0, 79.0),
    Product("LAMP-P", Text("Paper lamp", "宣纸台灯"), 118.0, 359.0),
    Product("KNIFE-K", Text("Kitchen knife", "手工锻打菜刀"), 149.0, 469.0),
    Product("WOK-26", Text("Iron wok, 26 cm", "铸铁炒锅 26厘米"), 79.0, 239.0),
    Product("APRON-I", Text("Indigo apron", "蓝染围裙"), 36.0, 109.0),
    Product("BOWL-R", Text("Rice bowl, set of 4", "饭碗四只装"), 42.0, 128.0),
    Product("NOTE-X", Text("Notebook, rice paper", "宣纸手账本"), 18.0, 45.0),
    Product("SCARF-W", Text("Wool scarf", "羊毛围巾"), 69.0, 229.0),
)

COUPONS = (
    ("SPRING15", Text("Spring coupon", "春日券")),
    ("TEA20", Text("Tea lover's coupon", "茶友专享券")),
    ("HOME10", Text("Home coupon", "家居券")),
)
