"""The loop of an agent in its several shapes, and what bounds it."""

from pathlib import Path

import pytest
from asked import ask

IMPORT = "from anthropic import Anthropic\n\nfrom desk.tools import TOOLS, execute\n\n\n"
ASK = "Anthropic().messages.create(model='m', max_tokens=9, tools=TOOLS, messages=m)"
BY_HAND = IMPORT + f"def run(m, limits):\n    while HEAD:\n        m.append(execute({ASK}))\n"
GRAPH = (
    "from langchain_openai import ChatOpenAI\nfrom langgraph.prebuilt import create_react_agent\n\n"
    "agent = create_react_agent(ChatOpenAI(), tools=[])\nagent.invoke({}CONFIG)\n"
)
OF_A_CLASS = """from models import model


class Agent:
    def run(self, task):
        while True:
            self.step()

    def step(self):
        return self.execute_actions(self.query())

    def query(self):
        if self.calls >= self.config.step_limit:
            raise SystemExit
        return self.model.query(self.messages)
"""
EVALUATION = IMPORT + f"def evaluate(tasks, m):\n    for task in tasks:\n        execute({ASK})\n"
RETRYING = IMPORT + f"def ask(m):\n    for attempt in range(3):\n        return execute({ASK})\n"
TYPED = (
    IMPORT + f"def chat(m):\n    while True:\n        m.append(input())\n        execute({ASK})\n"
)
ROW = {"id": "t{n}", "system": "agent", "trial": 1, "steps": 9}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"desk/loop.py": BY_HAND.replace("HEAD", "len(m) < limits.steps")}, "yes"),
        ({"desk/agent.py": BY_HAND.replace("while HEAD", "for _ in range(9)")}, "yes"),
        ({"desk/loop.py": BY_HAND.replace("HEAD", "True")}, "no"),
        ({"desk/agents/default.py": OF_A_CLASS}, "yes"),
        ({"desk/graph.py": GRAPH.replace("CONFIG", "")}, "partial"),
        ({"desk/graph.py": GRAPH.replace("CONFIG", ", {'recursion_limit': 9}")}, "yes"),
        ({"desk/evaluate.py": EVALUATION}, "no"),
        ({"desk/client.py": RETRYING}, "no"),
        ({"desk/chat.py": TYPED}, "no"),
    ],
)
def test_a_loop_is_limited_by_what_compares_its_steps(
    tree: dict[str, str], wanted: str, tmp_path: Path
) -> None:
    reading = ask("looping.limited", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_a_loop_of_two_hundred_lines_is_not_small(tmp_path: Path) -> None:
    tree = {"desk/loop.py": BY_HAND.replace("HEAD", "True") + "x = 1\n" * 200}
    assert ask("looping.small", tree, tmp_path).answer.value == "partial"


def test_money_counts_only_where_it_is_compared(tmp_path: Path) -> None:
    code = BY_HAND.replace("HEAD", "len(m) < limits.steps and limits.seconds > 1")
    tree = {"desk/loop.py": code + "\nBUDGET_USD = 0.5\n"}
    reading = ask("looping.bounded", tree, tmp_path)
    assert (reading.answer.value, "money" in reading.reason) == ("partial", True)


@pytest.mark.parametrize(
    ("config", "wanted"),
    [("[loop]\nmax_steps = 9\n", "yes"), ("[loop]\nmax_steps = 4\n", "no"), ("", "yes")],
)
def test_the_rows_keep_to_the_configured_bound(config: str, wanted: str, tmp_path: Path) -> None:
    tree = {"config.toml": config, "evals/results/agent.jsonl": {"rows": 2, "row": ROW}}
    assert ask("looping.kept_in_rows", tree, tmp_path).answer.value == wanted
