"""Which calls lead to a model, across the files of a project."""

from pathlib import Path

from asked import ask

OWN = (
    "from openai import OpenAI\n\n\nclass Net:\n    def run(self, q):\n"
    "        return OpenAI().chat.completions.create(model='m', messages=q)\n"
)
USE = "from net import {0}\n\ntry:\n    {0}().run('q')\nexcept Exception:\n    pass\n"


def test_a_method_with_a_common_name_is_followed_by_its_class(tmp_path: Path) -> None:
    tree = {"net.py": OWN, "app.py": USE.format("Net")}
    assert ask("models.failure_handled", tree, tmp_path).answer.value == "partial"


def test_a_method_of_another_class_with_that_name_is_not(tmp_path: Path) -> None:
    tree = {"net.py": OWN, "app.py": USE.format("Job")}
    assert ask("models.failure_handled", tree, tmp_path).answer.value == "no"


def test_weights_that_another_file_loads_are_called_by_what_they_are_given(tmp_path: Path) -> None:
    source = "def write(net, x):\n    return net.generate(x{})\n"
    given = ask("models.providers", {"a.py": source.format(", max_new_tokens=9")}, tmp_path / "a")
    assert given.answer.value == "no"
    assert given.evidence
    other = ask("models.providers", {"a.py": source.format("")}, tmp_path / "b")
    assert other.answer.value == "not_applicable"
