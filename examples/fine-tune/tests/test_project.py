"""Configuration, environment and trace files."""

import json
import os

import pytest

from spokehouse import project
from spokehouse.errors import ConfigError, UsageError
from spokehouse.project import find_root, load_env, read_config
from spokehouse.trace import Trace


def test_a_broken_config_names_file_and_line(tmp_path):
    (tmp_path / "config.toml").write_text("[llm]\nmodel = \n")
    with pytest.raises(ConfigError, match=r"config\.toml.*line 2"):
        read_config(tmp_path)


def test_the_working_directory_wins_if_it_is_a_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text("")
    assert find_root() == tmp_path


def test_outside_a_project_the_user_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(project, "__file__", str(tmp_path / "a" / "b" / "project.py"))
    with pytest.raises(UsageError, match=r"config\.toml"):
        find_root()


def test_real_variables_win_over_the_env_file_and_empty_lines_say_nothing(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("FROM_FILE=file\nFROM_SHELL=file\nEMPTY_LINE=\nRAW=a${HOME}\n")
    monkeypatch.setattr(os, "environ", {"FROM_SHELL": "shell"})
    load_env(tmp_path)
    assert os.environ == {"FROM_SHELL": "shell", "FROM_FILE": "file", "RAW": "a${HOME}"}


def test_a_trace_keeps_order_and_drops_keys_and_long_texts(tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-1234")
    trace = Trace.start(tmp_path / "traces", "ask")
    trace.event("retrieval", query="why sk-1234?", hits=["x" * 2000])
    trace.event("final", status="answered")
    first, last = map(json.loads, trace.path.read_text().splitlines())
    assert (first["seq"], first["kind"], last["seq"], last["kind"]) == (1, "retrieval", 2, "final")
    assert first["query"] == "why [key]?"
    assert len(first["hits"][0]) < 600


def test_two_traces_of_one_second_have_two_files(tmp_path):
    assert Trace.start(tmp_path, "ask").path != Trace.start(tmp_path, "ask").path
