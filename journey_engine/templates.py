"""Templates: Liquid texts with a customer's values filled in, whatever their author or the data tries.

A template is text (SMS, subjects), HTML (values are escaped) or JSON (values are escaped for the inside of a string).
Every rendering has a budget of work, output and memory, so a template can be wrong but never slow. What an operator has
just typed is also tried once in a child process with hard limits of the operating system (`try_in_child`); after that
the compiled template runs in the process that sends.
"""

import contextlib
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import orjson
from liquid import BoundTemplate, DictLoader, Environment, RenderContext
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError, UnknownFilterError
from liquid.stringify import to_liquid_string

from journey_engine import template_filters
from journey_engine.errors import Invalid
from journey_engine.text import Text

SOURCE_CHARS = 300_000
"""Longest template: mail clients cut a message at about 100 kB, three times that is a mistake."""

OUTPUT_BYTES = 2_000_000
WORK = 2_000_000
"""Characters and list items all filters of one rendering may read and write together: about a tenth of a second."""

TIME_S = 1.0
LOOK_AT_CLOCK_EVERY = 16
"""Processor time of one rendering. Work that no filter does, such as endless conditions in a loop, ends here."""

MARKUP = re.compile(r"\{[{%].*?(?=\{[{%]|[}%]\}|\Z)", re.DOTALL)
RAW = re.compile(r"\{%-?\s*(?:raw|doc)\b")
END_RAW = re.compile(r"\{%-?\s*end(?:raw|doc)\b")
SPACES = re.compile(r"\s{300}")
MARKUP_CHARS = 5_000
BRACKETS = 50
UNCLOSED = 20
"""Liquid reads all of these in a time that grows with their square; nobody writes more by hand."""

VALUE_ITEMS = 10_000
VALUE_CHARS = 300_000
NUMBER_BITS = 128
TRIAL_CPU_S = 1
TRIAL_MEMORY = 250_000_000
TRIAL_WALL_S = 20
"""Only a backstop: a machine so busy that one second of computing takes this long answers too."""


class TemplateProblem(Invalid):
    """The template cannot be used as it is."""

    code = "template:invalid"

    def __init__(self, text: Text, code: str = "template:invalid", line: int | None = None):
        super().__init__(text.en, code=code, where={} if line is None else {"line": line})
        self.text, self.line = text, line


class TooMuchWork(ResourceLimitError):
    """A rendering that went over its budget."""


def compile(source: str, kind: str = "text") -> BoundTemplate:
    """The template ready to render; raises `TemplateProblem` with the line. `kind` is text, html or json."""
    problem_or_template = _compiled(source, kind)
    if isinstance(problem_or_template, TemplateProblem):
        raise problem_or_template.with_traceback(None)
    return problem_or_template


def render(source: str, variables: Mapping[str, Any], kind: str = "text") -> str:
    """The text for one customer. The result of a `json` template is checked to be JSON."""
    with explained():
        text = compile(source, kind).render(variables)
    if kind == "json":
        _check_json(text)
    return text


def check(source: str, kind: str = "text") -> None:
    """Refuse a template that cannot be read, or does too much work; for when it is saved.

    It is rendered once with no values at all. What a filter then says about missing values is no mistake.
    """
    template = compile(source, kind)
    try:
        with explained(source):
            template.render({})
    except TemplateProblem as problem:
        if problem.code == "template:too_much_work":
            raise


def names_used(source: str) -> list[str]:
    """The values a template reads, such as `customer.first_name`, in alphabetical order."""
    return sorted(compile(source).global_variable_paths())


def try_in_child(trials: Sequence[tuple[str, str, Mapping[str, Any]]]) -> list[str | TemplateProblem]:
    """Render each (source, kind, variables) away from this process; one answer each, a text or what is wrong.

    The child has one second of processor and 250 MB of memory for each template, so nothing that is typed into the
    editor can hurt the server, even through a fault in the template language itself.
    """
    return [_one_trial(trial) for trial in trials]


@contextlib.contextmanager
def explained(source: str = ""):
    """Turn whatever a rendering raises into a `TemplateProblem` a person can act on."""
    try:
        yield
    except LiquidError as error:
        raise _problem(error, source) from error
    except (ArithmeticError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise TemplateProblem(
            Text(
                f"A value does not fit the filter it is used with ({error}). Give it a default, or use another filter.",
                f"有一个值与所用的过滤器不匹配（{error}）。请为它设置默认值，或换一个过滤器。",
            ),
            code="template:value",
        ) from error


@lru_cache(maxsize=2048)
def _compiled(source: str, kind: str) -> BoundTemplate | TemplateProblem:
    if len(source) > SOURCE_CHARS:
        return TemplateProblem(
            Text(f"The template is longer than {SOURCE_CHARS:,} characters.", f"模板超过 {SOURCE_CHARS:,} 个字符。"),
            code="template:too_long",
        )
    if (at := _unreadable(source)) is not None:
        line = source.count("\n", 0, at) + 1
        return TemplateProblem(
            Text(
                f"Line {line}: a tag is not closed, or too long. Close it, or split it.",
                f"第 {line} 行：标签没有结束或过长。请补上结束符，或拆成几个标签。",
            ),
            line=line,
        )
    try:
        with explained(source):
            template = ENVIRONMENTS[kind].from_string(source)
            _check_filters(template)
        return template
    except TemplateProblem as problem:
        return problem


def _unreadable(source: str) -> int | None:
    """The place of what Liquid would read for minutes; looked for in one pass, so that reading never hangs a server."""
    unclosed = 0
    for found in MARKUP.finditer(source):
        markup, closed = found[0], source[found.end() : found.end() + 1] in ("}", "%")
        unclosed += not closed
        long = closed and len(markup) > MARKUP_CHARS
        if long or unclosed > UNCLOSED or markup.count("(") > BRACKETS or SPACES.search(markup):
            return found.start()
    opened = [found.start() for found in RAW.finditer(source)]
    return opened[-1] if len(opened) > UNCLOSED + len(END_RAW.findall(source)) else None


def _check_filters(template: BoundTemplate) -> None:
    """Name an unknown filter when the template is saved, not when the first customer meets it."""
    for name, places in template.analyze().filters.items():
        if name not in template.env.filters:
            line = places[0].line_col(str(template.matter["source"]))[0]
            raise TemplateProblem(
                Text(f"Line {line}: there is no filter “{name}”.", f"第 {line} 行：没有名为“{name}”的过滤器。"),
                line=line,
            )


def _check_json(text: str) -> None:
    try:
        orjson.loads(text)
    except ValueError as error:
        raise TemplateProblem(
            Text(
                f"The result is not JSON ({error}). Put quotes around texts; write other values as {{{{ x | json }}}}.",
                f"渲染结果不是有效的 JSON（{error}）。文本请加引号，其他值请写成 {{{{ x | json }}}}。",
            ),
            code="template:json",
        ) from error


def _problem(error: LiquidError, source: str = "") -> TemplateProblem:
    line = _line(error, source)
    if isinstance(error, ResourceLimitError):
        return TemplateProblem(
            Text(
                "The template does too much work. Shorten its loops and lists.", "模板的计算量过大。请缩短循环和列表。"
            ),
            code="template:too_much_work",
            line=line,
        )
    en, zh = _explanation(error)
    prefix = Text(f"Line {line}: ", f"第 {line} 行：") if line else Text("", "")
    return TemplateProblem(Text(prefix.en + en, prefix.zh + zh), line=line)


def _line(error: LiquidError, source: str) -> int | None:
    if error.token and error.token.source:
        return error.token.source.count("\n", 0, error.token.start_index) + 1
    return source.count("\n") + 1 if source else None  # the end was reached before a closing tag


def _explanation(error: LiquidError) -> Text:
    reason = str(error.args[0]) if error.args else "unreadable"
    tag = re.search(r"unexpected tag '(\w+)'", reason)
    if tag:
        return Text(f"there is no tag “{tag[1]}” here.", f"这里不能使用标签“{tag[1]}”。")
    if isinstance(error, UnknownFilterError):
        return Text(f"{reason}.", f"没有这个过滤器（{reason}）。")
    if isinstance(error, LiquidSyntaxError):
        return Text(
            f"cannot be read ({reason}). Check brackets and closing tags.",
            f"无法解析（{reason}）。请检查括号与结束标签。",
        )
    return Text(f"{reason}.", f"出错（{reason}）。")


class _Context(RenderContext):
    """A rendering with a budget: every filter is charged for what it reads and writes."""

    __slots__ = ("_disabled", "nodes", "until", "work")

    def __init__(self, *args: Any, **rest: Any):
        super().__init__(*args, **rest)
        self.work, self.nodes = WORK, 0
        self.until = time.thread_time() + TIME_S

    @property
    def disabled_tags(self):
        """Liquid asks for this before it renders a node, so here the clock is looked at: seldom, because a look costs
        as much as a node."""
        self.nodes += 1
        if self.nodes % LOOK_AT_CLOCK_EVERY == 0 and time.thread_time() > self.until:
            raise TooMuchWork("time limit reached", token=None)
        return self._disabled

    @disabled_tags.setter
    def disabled_tags(self, tags) -> None:
        self._disabled = tags

    def filter(self, name, token):
        return partial(self._metered, name, super().filter(name, token), token)

    def _metered(self, name, function, token, left, *args, **named):
        self._charge(token, sum(map(_size, (left, *args))) + template_filters.growth(name, left, args))
        result = function(left, *args, **named)
        self._charge(token, _size(result))
        return result

    def _charge(self, token, size: int) -> None:
        self.work -= size
        if self.work < 0:
            raise TooMuchWork("work limit reached", token=token)


def _size(value: Any) -> int:
    """What handling a value costs. Numbers and lists that only an attack would build cost more than there is."""
    if isinstance(value, str):
        return len(value) if len(value) <= VALUE_CHARS else WORK + 1
    if isinstance(value, bool):
        return 1
    if isinstance(value, int):
        return 1 if value.bit_length() <= NUMBER_BITS else WORK + 1
    if isinstance(value, range):
        return value.stop - value.start if value.stop - value.start <= VALUE_ITEMS else WORK + 1
    if isinstance(value, (list, tuple, dict)):
        return len(value) if len(value) <= VALUE_ITEMS else WORK + 1
    return 1


_unbounded = RangeLiteral._make_range


def _bounded(self: RangeLiteral, start: Any, stop: Any) -> range:
    found = _unbounded(self, start, stop)
    if found.stop - found.start > VALUE_ITEMS:
        raise TooMuchWork("range limit reached", token=self.token)
    return found


RangeLiteral._make_range = _bounded  # one look for a value in a long range would otherwise count to its end


class _Template(BoundTemplate):
    context_class = _Context


class _Environment(Environment):
    template_class = _Template
    loop_iteration_limit = 10_000
    local_namespace_limit = 2_000_000
    output_stream_limit = OUTPUT_BYTES
    block_nesting_limit = 20
    context_depth_limit = 25

    def __init__(self, output: type[Output] | None = None, autoescape: bool = False):
        super().__init__(loader=DictLoader({}), autoescape=autoescape)
        for tag in ("include", "render"):  # no template reads another file
            del self.tags[tag]
        template_filters.install(self)
        if output:
            self.add_tag(output)

    def from_string(self, source: str, *args: Any, **rest: Any) -> BoundTemplate:
        return super().from_string(source, *args, matter={"source": source}, **rest)


class _JsonOutputNode(OutputNode):
    """Writes a value so that it can stand between the quotes of a JSON string; `| json` writes a whole value."""

    def render_to_output(self, context, buffer) -> int:
        value = self.expression.evaluate(context)
        if isinstance(value, template_filters.Json):
            return buffer.write(value)
        return buffer.write(orjson.dumps(to_liquid_string(value, False)).decode()[1:-1])


class _JsonOutput(Output):
    node_class = _JsonOutputNode


ENVIRONMENTS = {
    "text": _Environment(),
    "html": _Environment(autoescape=True),
    "json": _Environment(output=_JsonOutput),
}


def _one_trial(trial: tuple[str, str, Mapping[str, Any]]) -> str | TemplateProblem:
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "journey_engine.templates"],
            input=orjson.dumps(trial, default=str),
            capture_output=True,
            timeout=TRIAL_WALL_S,
            check=True,
        )
        said = orjson.loads(answer.stdout)
    except (subprocess.SubprocessError, ValueError):
        return _problem(TooMuchWork("trial ended", token=None))
    if "text" in said:
        return said["text"]
    return TemplateProblem(Text(said["en"], said["zh"]), code=said["code"], line=said["line"])


def main() -> None:
    """The child: take on the limits, read one trial, render it, say what came of it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + TRIAL_CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (TRIAL_MEMORY, TRIAL_MEMORY))
    source, kind, variables = orjson.loads(sys.stdin.buffer.read())
    try:
        said = {"text": render(source, variables, kind)}
    except TemplateProblem as problem:
        said = {"en": problem.text.en, "zh": problem.text.zh, "code": problem.code, "line": problem.line}
    sys.stdout.buffer.write(orjson.dumps(said))


if __name__ == "__main__":
    main()
