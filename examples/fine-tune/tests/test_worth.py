"""Break-even, hosted routes, decision and cards follow their sources by themselves."""

import ast
import json
from dataclasses import replace

import pytest
from small_project import ROOT, Cardboard, add_adapter, make_project, runner

from spokehouse import breakeven
from spokehouse.breakeven import Rival, load, rival_of, sentence, volume
from spokehouse.conversations import prompt_of, tuned
from spokehouse.errors import ConfigError, UsageError
from spokehouse.evaluation.run import measure
from spokehouse.hosted import ROUTES, dry_run, validate
from spokehouse.items import load_items
from spokehouse.modelcard import build
from spokehouse.record import canonical
from spokehouse.trace import Trace

RIVAL = Rival("some-api", 0.001, True)
SHEET = """date = 2026-01-01
[pass]
exact = 0.5
[load]
requests_a_day = 1000
[machine]
usd_an_hour = 1.0
requests_a_second = 1.0
hours_of_a_tune = 0.0
[people]
usd_an_hour = 50.0
labelling_hours = 10.0
building_hours = 14.0
tuned_upkeep_hours = 3.0
other_upkeep_hours = 1.0
[life]
months = 12.0
[reference]
input_tokens = 600
output_tokens = 60
"""


@pytest.fixture
def settings(tmp_path):
    found = make_project(tmp_path)
    (tmp_path / "breakeven.toml").write_text(SHEET, encoding="utf-8")
    return found


@pytest.fixture
def run(settings, tmp_path, monkeypatch, capsys):
    return runner(tmp_path, monkeypatch, capsys)


def rows_of(settings, system, model=None):
    items = load_items(settings.items("test"))
    trace = Trace.start(settings.traces, "test")
    return measure(system, items, "test", settings, trace, model)


def test_the_volume_is_where_both_cost_the_same(settings):
    sheet = load(settings.root / "breakeven.toml", RIVAL)
    # 729.60 for the machine, 150 upkeep, 100 of the start; the rival has 50 of upkeep.
    assert breakeven.tuned_month(sheet, 1) == pytest.approx(979.6)
    assert volume(sheet) == pytest.approx(929.6 / (30.4 * 0.001))


def test_half_the_price_moves_the_conclusion(settings):
    path = settings.root / "breakeven.toml"
    dear = load(path, RIVAL)
    cheap = load(path, replace(RIVAL, usd=0.0005))
    assert volume(cheap) == pytest.approx(2 * volume(dear))
    assert volume(load(path, replace(RIVAL, usd=0.000001))) is None


def test_more_requests_need_more_machines(settings):
    text = SHEET.replace("requests_a_second = 1.0", "requests_a_second = 0.2")
    (settings.root / "breakeven.toml").write_text(text, encoding="utf-8")
    sheet = load(settings.root / "breakeven.toml", RIVAL)
    found = volume(sheet)
    assert found is None or found > 0.2 * 86_400


def test_the_cheapest_that_passes_is_the_rival(settings):
    path = settings.root / "breakeven.toml"
    rows = rows_of(settings, "baseline")
    bad, good = ([replace(r, grades={**r.grades, "exact": g}) for r in rows] for g in (0.0, 1.0))
    assert rival_of({"baseline": bad}, path, settings.llm.model).measured is False
    rival = rival_of({"baseline": good}, path, settings.llm.model)
    assert (rival.name, rival.usd) == ("baseline", 0.0)
    assert "At no volume" in sentence(load(path, rival), rival, {"baseline": good})


def test_a_tune_that_fails_pays_at_no_volume(settings):
    runs = {"tuned": rows_of(settings, "tuned", Cardboard("no"))}
    said = sentence(load(settings.root / "breakeven.toml", RIVAL), RIVAL, runs)
    assert "does not pass (exact 0.00, needed 0.50)" in said


def test_an_unknown_price_is_never_nothing(settings):
    sheet = load(settings.root / "breakeven.toml", Rival("x", None, False))
    assert volume(sheet) is None
    assert "unknown" in sentence(sheet, Rival("x", None, False), {})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("months = 12.0", "months = 0.0", "[life] months is 0"),
        ("months = 12.0", "", "[life] months is None"),
        ("exact = 0.5", 'exact = "x"', "[pass] exact is 'x'"),
        ("usd_an_hour = 1.0", "usd_an_hour = nan", "[machine] usd_an_hour is nan"),
    ],
)
def test_a_wrong_figure_is_named(settings, old, new, said):
    path = settings.root / "breakeven.toml"
    path.write_text(SHEET.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(path, RIVAL)
    assert said in raised.value.message


def test_breakeven_writes_its_sheet_and_leaves_the_author_alone(run, tmp_path):
    path = tmp_path / "docs" / "breakeven.md"
    path.write_text(f"{path.read_text(encoding='utf-8')}\nWe did not.\n", encoding="utf-8")
    assert run("breakeven")[0] == 0
    written = path.read_text(encoding="utf-8")
    assert "| price of a request |" in written
    assert written.endswith("\nWe did not.\n")


@pytest.mark.parametrize("name", ROUTES)
def test_an_upload_holds_train_and_ends_in_records(run, tmp_path, settings, name):
    code, result, _ = run("hosted", name)
    assert (code, result["rows"], result["usd"]) == (0, 2, None)
    lines = (tmp_path / result["file"]).read_text(encoding="utf-8").splitlines()
    last = canonical(load_items(settings.items("train"))[0].record)
    assert json.dumps(last)[1:-1] in lines[0]


def test_an_upload_is_priced_where_a_price_is_known(run, tmp_path):
    path = tmp_path / "breakeven.toml"
    path.write_text(f"{SHEET}[hosted]\nvertex = 1000.0\nopenai = true\n", encoding="utf-8")
    result = run("hosted", "vertex")[1]
    assert result["usd"] == pytest.approx(result["tokens"] * 3 / 1000)
    assert "[hosted] openai is True" in run("hosted", "openai")[2]


def test_a_test_message_never_reaches_an_upload(settings):
    test, prompt = load_items(settings.items("test")), prompt_of("tuned", settings.prompts)
    with pytest.raises(UsageError, match="message of the test set"):
        dry_run("openai", test, test, prompt)


def test_turns_and_records_of_an_upload_are_checked(settings):
    item, prompt = load_items(settings.items("train"))[0], prompt_of("tuned", settings.prompts)
    talk = tuned(prompt, item)
    with pytest.raises(UsageError, match="turns are user"):
        validate([talk[1:]], [])
    with pytest.raises(UsageError, match="no record"):
        validate([[*talk[:-1], {"role": "assistant", "content": "tap"}]], [])


def test_decide_fills_numbers_in_and_leaves_the_author_alone(run, tmp_path):
    run("eval", "--system", "baseline")
    path = tmp_path / "docs" / "decisions" / "why-finetune.md"
    path.write_text(f"{path.read_text(encoding='utf-8')}\nWe did not.\n", encoding="utf-8")
    code, result, _ = run("decide")
    assert (code, result["systems"]) == (0, ["baseline"])
    written = path.read_text(encoding="utf-8")
    assert written.endswith("\nWe did not.\n")
    assert "- Without a tune: baseline is best" in written


def test_the_card_says_what_was_recorded(run, tmp_path, settings):
    tune = add_adapter(tmp_path)
    assert run("card")[0] == 0
    written = (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| base.revision | abc |" in written
    assert "Not measured yet" in written
    rows = rows_of(tune, "tuned", Cardboard())
    assert "| exact | " in build("r1", {}, rows)
    assert "Not measured yet" in build("r2", {}, rows)


def test_without_a_record_of_the_tune_there_is_no_card(run, tmp_path):
    add_adapter(tmp_path)
    (tmp_path / "runs" / "r1" / "meta.json").unlink()
    code, _, err = run("card")
    assert code == 3
    assert "meta.json" in err


def test_no_module_imports_torch_while_it_is_read():
    for path in (ROOT / "src").rglob("*.py"):
        names = set()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(str(node.module).partition(".")[0])
        assert not names & {"torch", "transformers", "peft", "trl", "gguf"}, path.name
