"""Tag: put tags on the customer, or take them off. Tags are the attribute `tags`, a sorted list of texts."""

from journey_engine.model.decision import go
from journey_engine.nodes.base import Node
from journey_engine.setting import setting
from journey_engine.text import Text

ATTRIBUTE = "tags"


class Tag(Node):
    kind, icon, shelf = "tag", "tag", "customer"
    title = Text("Tag", "标签")
    help = Text(
        "Adds tags to the customer, or removes them. Rules and segments read them; the nodes after this one see them.",
        "为客户添加或移除标签。规则和分群可以使用标签，后面的节点会读到新的标签。",
    )
    sentence = Text("Tags: {tags}", "标签：{tags}")
    sentences = (
        "action",
        {
            "add": Text("Add the tags {tags}", "添加标签 {tags}"),
            "remove": Text("Remove the tags {tags}", "移除标签 {tags}"),
        },
    )

    action: str = setting(
        "choice",
        "Action",
        "操作",
        default="add",
        choices={"add": Text("add", "添加"), "remove": Text("remove", "移除")},
    )
    tags: tuple = setting("tags", "Tags", "标签", required=True)

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            before = tags_of(visitor.attributes)
            wanted = before | set(self.tags) if self.action == "add" else before - set(self.tags)
            changed = sorted(wanted ^ before)
            changes = {ATTRIBUTE: sorted(wanted) or None} if changed else None
            decisions.append(go(visitor, "next", {"why": "tagged", "action": self.action, "tags": changed}, changes))
        return decisions


def tags_of(attributes) -> set[str]:
    """The customer's tags, however a shop wrote them: a list, or one text."""
    told = attributes.get(ATTRIBUTE)
    found = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return {tag for tag in found if isinstance(tag, str) and tag}
