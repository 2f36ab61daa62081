"""What a summary says of a module."""

import ast
import textwrap
import time

import pytest

from scaffolder.review.python.pysource import MAX_TEXT, PythonFile, summarise


def read(source: str) -> PythonFile:
    source = textwrap.dedent(source)
    return summarise("a.py", ast.parse(source), source.count("\n") + 1)


def called(source: str) -> list[str]:
    return [c.name for c in read(source).calls]


IMPORTS = "from openai import OpenAI, AsyncOpenAI\nimport anthropic as a, numpy.linalg\n"
CREATE = "openai.OpenAI.chat.create"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("client = OpenAI()\nclient.chat.create(1)", CREATE),
        ("OpenAI().chat.create(1)", CREATE),
        ("client: OpenAI = make()\nclient.chat.create(1)", CREATE),
        ("class C:\n  client: OpenAI\n  def f(self): self.client.chat.create(1)", CREATE),
        ("def f(client: OpenAI): client.chat.create(1)", CREATE),
        ("def f(client: 'OpenAI | None'): client.chat.create(1)", "client.chat.create"),
        ("def f(client: 'OpenAI'): client.chat.create(1)", CREATE),
        ("def f(client: OpenAI | None = None): client.chat.create(1)", CREATE),
        ("from typing import *\ndef f(c: Optional[OpenAI]): c.chat.create(1)", CREATE),
        ("from typing import Any\ndef f(c: Any): c.chat.create(1)", "c.chat.create"),
        ("def f(c: list[OpenAI]): c.chat.create(1)", "c.chat.create"),
        ("with OpenAI() as client: client.chat.create(1)", CREATE),
        ("async def f():\n  async with OpenAI() as c: await c.chat.create(1)", CREATE),
        ("client = OpenAI() if key else None\nclient.chat.create(1)", CREATE),
        ("def f(c=None):\n  c = c or OpenAI()\n  c.chat.create(1)", CREATE),
        ("client = OpenAI().with_options(timeout=1)\nclient.chat.create(1)", CREATE),
        ("c = OpenAI()\ncreate = c.chat.create\ncreate(1)", CREATE),
        ("def make() -> OpenAI: ...\nmake().chat.create(1)", CREATE),
        ("def use():\n  c = make()\n  c.chat.create(1)\ndef make():\n  return OpenAI()", CREATE),
        ("def make():\n  c = OpenAI()\n  return c\nx = make()\nx.chat.create(1)", CREATE),
        ("def init():\n  global c\n  c = OpenAI()\ndef f(): c.chat.create(1)", CREATE),
        ("def main(): client = OpenAI()\ndef f(client): client.chat.create(1)", CREATE),
        ("c = OpenAI()\ndef f():\n  c = other()\n  c.chat.create(1)", "c.chat.create"),
        ("def f(): x = OpenAI()\ndef g(): x = a.B()\ndef h(x): x.chat.create(1)", "x.chat.create"),
        ("a.Anthropic().messages.create(1)", "anthropic.Anthropic.messages.create"),
        ("numpy.linalg.norm(1)", "numpy.linalg.norm"),
        ("from .mine import Thing\nt = Thing()\nt.go(1)", ".mine.Thing.go"),
        ("from .. import mine\nmine.go(1)", "..mine.go"),
        ("xs[0].go(1)", "xs.go"),
        ("'a'.join(1)", "join"),
        ("def f():\n  (await g()).json(1)", "g.json"),
    ],
)
def test_a_name_is_followed_to_what_it_stands_for(source: str, name: str) -> None:
    module = read(IMPORTS + source)
    assert name in [c.name for c in module.calls if c.args]


SERVICE = """
    from openai import OpenAI
    import anthropic
    class A:
        def __init__(self, other: OpenAI, key=None):
            self.client = OpenAI(api_key=key)
            self.other = other
        def ask(self):
            self.client.chat.create()
            self.other.chat.create()
            self._made().messages.create()
            self.lazy.messages.create()
            c = self.client
            c.models.list()
        def _made(self) -> anthropic.Anthropic: ...
        @property
        def lazy(self):
            return anthropic.Anthropic()
    class B:
        def __init__(self):
            self.client = anthropic.Anthropic()
        def ask(self):
            self.client.messages.create()
"""


def test_attributes_hold_across_the_methods_of_their_class() -> None:
    names = called(SERVICE)
    assert names.count("openai.OpenAI.chat.create") == 2
    assert names.count("anthropic.Anthropic.messages.create") == 3
    assert "openai.OpenAI.models.list" in names
    assert "self._made" in names


@pytest.mark.parametrize(
    ("test", "trivial"),
    [
        ("assert True", True),
        ("assert 1 == 1", True),
        ("assert x is not None", True),
        ("assert x != None", True),
        ("assert x == x", True),
        ("assert (x == 2, 'message')", True),
        ("assert not False", True),
        ("assert x is not None and True", True),
        ("assert len(x) >= 0", True),
        ("self.assertTrue(True)", True),
        ("self.assertEqual(1, 1)", True),
        ("self.assertIsNotNone(x)", True),
        ("assert isinstance(x, int)", True),
        ("assert x is None", False),
        ("assert x", False),
        ("assert x == 1", False),
        ("assert len(x) >= 1", False),
        ("assert x is not None and x.a == 1", False),
        ("self.assertEqual(x, 1)", False),
        ("self.assertTrue(x)", False),
        ("mock.assert_called_once_with(1, x)", False),
        ("with pytest.raises(ValueError): f()", False),
    ],
)
def test_an_assertion_that_cannot_fail_is_trivial(test: str, trivial: bool) -> None:
    [found] = read(f"import pytest\ndef test_a(self):\n    {test}\n").asserts
    assert (found.trivial, found.function, found.line) == (trivial, "test_a", 3)


def test_an_approximation_is_no_second_assertion() -> None:
    assert len(read("import pytest\nassert x == pytest.approx(1)").asserts) == 1


@pytest.mark.parametrize("star", ["", "*"])
def test_a_handler_knows_what_it_guards(star: str) -> None:
    [found] = read(
        f"""
        import httpx
        def f():
            try:
                g(h())
                def later(): k()
            except{star} (ValueError, httpx.HTTPError) as e:
                log(e)
                if x:
                    raise
            else:
                no()
            finally:
                no()
        """
    ).handlers
    assert found.types == ("ValueError", "httpx.HTTPError")
    assert (found.guarded, found.calls, found.raises) == (("g", "h", "k"), ("log",), True)
    assert (found.function, found.line) == ("f", 7)


def test_handlers_that_pass_and_bare_ones() -> None:
    source = "try:\n  f()\nexcept KeyError:\n  pass\nexcept:\n  g()\n"
    found = read(source).handlers
    assert [(h.types, h.calls, h.raises) for h in found] == [
        (("KeyError",), (), False),
        (("",), ("g",), False),
    ]


def test_functions_count_their_hints_and_yield_by_themselves() -> None:
    found = {
        f.name: f
        for f in read(
            """
            class A:
                @property
                def a(self, x: int, *, y=1) -> int:
                    "Says."
                    def inner(): yield 1
            async def b(): yield
            """
        ).functions
    }
    assert list(found) == ["A.a", "A.a.inner", "b"]
    one = found["A.a"]
    assert (one.parameters, one.hints, one.returns, one.yields) == (2, 1, True, False)
    assert (one.docstring, one.decorators) == ("Says.", ("property",))
    assert found["A.a.inner"].yields


def test_calls_keep_their_literals_and_their_place() -> None:
    [call] = read("def f():\n  g('a', x, -1, n=3, t=-0.5, ok=True, m=None, **k)\n").calls
    assert call.args == ("a", None, -1)
    assert call.keywords == ("n", "t", "ok", "m", "**")
    assert dict(call.literals) == {"n": 3, "t": -0.5, "ok": True}
    assert (call.line, call.function) == (2, "f")


def test_a_decorator_belongs_to_its_function() -> None:
    [call] = read("@retry(stop=3)\ndef f(): ...\n").calls
    assert (call.name, call.function) == ("retry", "f")


def test_texts_are_in_order_and_cut() -> None:
    module = read("'''doc'''\nx = 'one'\ny = f'two {f(1)} {\"in\"} three'\nz = ''\n")
    assert [t.value for t in module.texts] == ["doc", "one", "two {} {} three", "in"]
    assert [c.name for c in module.calls] == ["f"]
    many = read("\n".join(f"x = '{n} {'y' * 3_000}'" for n in range(300)))
    assert max(len(t.value) for t in many.texts) == MAX_TEXT
    assert sum(len(t.value) for t in many.texts) < 500_000


def test_every_identifier_is_a_name() -> None:
    module = read("def f(a, *, b: C): return a.d(e=1)\nclass G(H): pass\n")
    assert {"f", "a", "b", "C", "d", "e", "G", "H"} <= module.names


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "+".join(["f(1)"] * 900),
        "x = " + "(" * 150 + "f(1)" + ")" * 150,
        "f(1)" + ".a()" * 900,
        "x = f(1)" + "[0]" * 900,
        "".join(f"{' ' * n}if f(1):\n" for n in range(95)) + " " * 95 + "pass",
        "".join(f"{' ' * n}def f{n}():\n" for n in range(95)) + " " * 95 + "f(1)",
        "".join(f"{' ' * n}try:\n" for n in range(90))
        + f"{' ' * 90}f(1)\n"
        + "".join(f"{' ' * n}except A: pass\n" for n in reversed(range(90))),
        "a = f(1)\n" + "a = a.b\n" * 20_000,
        "import a\nf(1)\n" + "a = a.b\n" * 20_000,
        "f(1)\nassert " + "not " * 500 + "x",
        "def g(x: " + "Optional[" * 150 + "int" + "]" * 150 + "): f(1)",
    ],
    ids=range(11),
)
def test_deep_and_long_code_is_read_soon(source: str) -> None:
    tree = ast.parse(source)
    began = time.thread_time()
    module = summarise("a.py", tree, 1)
    assert time.thread_time() - began < 3
    assert any(c.name.startswith("f") for c in module.calls)
    assert all(len(c.name) < 10_000 for c in module.calls)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("import asyncio, ollama\nasyncio.to_thread(ollama.chat, model='m')\n", "ollama.chat"),
        ("loop.run_in_executor(None, self.ask, 'q')\n", "self.ask"),
        ("call_with_retry(ask, tries=3)\n", "ask"),
    ],
)
def test_a_function_that_is_handed_to_a_runner_is_called(source: str, wanted: str) -> None:
    assert wanted in [c.name for c in read(source).calls]


def test_a_function_that_is_handed_to_anything_else_is_not_called() -> None:
    assert [c.name for c in read("register(ask)\n").calls] == ["register"]
