"""Keys are found wherever they hide, and told without being shown."""

import base64
import json
import random
import time
from pathlib import Path

import pytest

from scaffolder.review import secrets, view
from scaffolder.review.secrets import SecretScan
from tests.review import hiding_places as places

REPEATED = "sk-ant-" + "api03-" + "Zk3" * 31 + "AA"


def scanned(folder: Path) -> SecretScan:
    with view.opened(folder) as opened:
        return opened.once(secrets.scan)


@pytest.mark.parametrize("name", places.PLACES)
def test_a_key_is_found_where_it_hides(name: str, tmp_path: Path) -> None:
    where, build = places.PLACES[name]
    build(tmp_path, places.key())
    found = scanned(tmp_path)
    assert [f.where for f in found.findings][:1] == [where]
    assert found.findings[0].kind == "service"
    assert places.key()[7:] not in repr(found)


@pytest.mark.parametrize("name", places.keys())
@pytest.mark.parametrize(
    "around", ['KEY = "{}"\n', "<k>{}</k>", "a,{},b\n", "x{}\0", "[a](u?k={}&b)"]
)
def test_each_shape_is_found_in_any_surroundings(name: str, around: str, tmp_path: Path) -> None:
    places.put(tmp_path, {"notes.txt": around.format(places.keys()[name])})
    assert [f.kind for f in scanned(tmp_path).findings] == ["service"]


def test_a_key_of_the_history_is_told_with_its_path_and_commit(tmp_path: Path) -> None:
    places.commit(tmp_path, {"src/config.py": f'import os\nANTHROPIC_API_KEY = "{REPEATED}"\n'})
    first = places.git(tmp_path, "rev-parse", "HEAD")
    places.commit(tmp_path, {"src/config.py": "import os\n"})
    places.commit(tmp_path, {"app.py": ""})
    found = scanned(tmp_path)
    (leak,) = found.findings
    assert (leak.path, leak.line, leak.where, leak.commit) == ("src/config.py", 2, "history", first)
    assert leak.short == "sk-a…"
    assert "Zk3" not in repr(found)


def test_the_same_key_in_two_files_is_one_group(tmp_path: Path) -> None:
    places.commit(tmp_path, {"a.py": f'K = "{REPEATED}"\n', "b.py": f'L = "{REPEATED}"\n'})
    first, second = scanned(tmp_path).findings
    assert (first.path, second.path, first.group) == ("a.py", "b.py", second.group)


def test_a_key_in_many_versions_of_a_file_is_told_once_with_the_first(tmp_path: Path) -> None:
    commits = []
    for n in range(4):
        places.commit(tmp_path, {"a.py": f'K = "{REPEATED}"\n' + f"x = {n}\n" * 40})
        commits.append(places.git(tmp_path, "rev-parse", "HEAD"))
    places.commit(tmp_path, {"a.py": ""})
    (leak,) = scanned(tmp_path).findings
    assert (leak.where, leak.line, leak.commit) == ("history", 1, commits[0])


def test_an_ignored_file_is_no_leak(tmp_path: Path) -> None:
    places.commit(tmp_path, {".gitignore": ".env\n"})
    places.put(tmp_path, {".env": places.env(places.key())})
    assert scanned(tmp_path).findings == ()


def test_an_ignored_file_of_a_folder_without_git_is_no_leak(tmp_path: Path) -> None:
    places.put(tmp_path, {".gitignore": "/.env\n", ".env": places.env(places.key())})
    assert scanned(tmp_path).findings == ()


@pytest.mark.parametrize(
    "value",
    [
        "sk-...",
        "your-api-key-here",
        "sk-ant-" + "x" * 40,
        "sk-ant-" + "api03-" + "a" * 93 + "AA",
        "sk-" + "proj-" + "your-key-here-" * 5,
        "<API_KEY>",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "gh" + "p_" + "x" * 36,
        "sk-" + "1234567890abcdef" * 3,
        "h" + "f_" + "abcdefghijklmnopqrstuvwxyzabcdefgh",
        "${ANTHROPIC_API_KEY}",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    ],
)
@pytest.mark.parametrize("path", [".env.example", "README.md", "tests/test_app.py", "app.py"])
def test_a_placeholder_is_no_leak(value: str, path: str, tmp_path: Path) -> None:
    places.put(tmp_path, {path: f'API_KEY="{value}"\n'})
    assert scanned(tmp_path).findings == ()


def test_pictures_and_hashes_are_no_leaks(tmp_path: Path) -> None:
    noise = bytes(random.Random(5).randbytes(200_000))
    picture = base64.b64encode(noise).decode()
    output = [{"output_type": "display_data", "data": {"image/png": picture}}]
    hashes = "".join(
        f'"sha512-{base64.b64encode(noise[n : n + 64]).decode()}",\n' for n in range(900)
    )
    places.put(
        tmp_path,
        {
            "a.ipynb": places.notebook([places._cell("1", output)]),  # type: ignore[list-item]
            "a.svg": f'<svg><image href="data:image/png;base64,{picture}"/></svg>',
            "package-lock.json": hashes,
            "a.dist-info/RECORD": f"ibm/cloud_api_key.py,sha256={places.made_up(44)},120\n",
        },
    )
    assert scanned(tmp_path).findings == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docker-compose.yml", "services:\n db:\n  environment:\n   POSTGRES_PASSWORD: postgres\n"),
        ("compose.yaml", "x:\n - POSTGRES_PASSWORD=${POSTGRES_PASSWORD:-postgres}\n"),
        (".env", "DB_PASSWORD=hunter2\n"),
        ("app/settings.py", 'SECRET_KEY = "django-insecure-' + "q8w" * 12 + '"\n'),
        ("app/auth.py", 'JWT_SECRET = "dev-secret"\n'),
        ("config.py", "    SECRET_KEY = os.environ.get('SECRET_KEY') or 'nobody-guesses-it'\n"),
        ("config.yml", 'admin: "$2b$12$' + places.made_up(53) + '"\n'),
        ("alembic.ini", "sqlalchemy.url = postgresql://postgres:postgres@localhost/app\n"),
    ],
)
def test_a_default_of_ones_own_configuration_is_local(path: str, text: str, tmp_path: Path) -> None:
    places.put(tmp_path, {path: text})
    assert {f.kind for f in scanned(tmp_path).findings} == {"local"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docker-compose.yml", "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it}\n"),
        ("README.md", "POSTGRES_PASSWORD=postgres and postgresql://a:postgres@localhost/x\n"),
        ("tests/settings.py", 'SECRET_KEY = "for-tests-only"\n'),
        ("settings.py", 'password: str = Field("", alias="DB_PASSWORD")\napi_key: str = ""\n'),
        (".env.example", "DB_PASSWORD=postgres\n"),
        ("login.py", 'password = input("password: ")\n'),
        (".github/workflows/ci.yml", "POSTGRES_PASSWORD: postgres\n"),
    ],
)
def test_what_is_no_configuration_or_no_value_is_not_told(
    path: str, text: str, tmp_path: Path
) -> None:
    places.put(tmp_path, {path: text})
    assert scanned(tmp_path).findings == ()


def test_a_bomb_is_refused_and_said(tmp_path: Path) -> None:
    bomb = places.zipped({"a": b"\0" * 50_000_000})
    places.put(tmp_path, {"a.zip": bomb})
    found = scanned(tmp_path)
    assert [s.path for s in found.skipped] == ["a.zip"]


def test_archives_nested_too_deep_are_said(tmp_path: Path) -> None:
    inner = places.zipped({"k": places.env(places.key())})
    for _ in range(20):
        inner = places.zipped({"a.zip": inner})
    places.put(tmp_path, {"a.zip": inner})
    assert "nested deeper" in scanned(tmp_path).skipped[0].reason


def test_an_archive_that_leads_out_of_the_folder_writes_nothing(tmp_path: Path) -> None:
    places.put(tmp_path, {"p/a.zip": places.zipped({"../../escaped.txt": places.env(REPEATED)})})
    assert scanned(tmp_path / "p").findings[0].path == "a.zip!../../escaped.txt"
    assert not list(tmp_path.rglob("escaped.txt"))


def test_what_was_read_is_counted(tmp_path: Path) -> None:
    places.commit(tmp_path, {"a.py": "x = 1\n", "b.py": "y = 2\n"})
    found = scanned(tmp_path)
    assert (found.objects, found.files, found.findings, found.skipped) == (4, 2, (), ())


def test_a_long_line_of_near_misses_takes_no_time(tmp_path: Path) -> None:
    hostile = {
        "a.txt": "sk-ant-" * 15_000,
        "b.txt": "eyJ" * 33_000,
        "c.txt": '"\n' * 50_000,
        "d.json": json.dumps(["\\u00" * 20_000]),
        "e.txt": "%7" * 50_000,
        "f.txt": "A" * 100_000 + "\n" + "ab" * 50_000,
        "g.html": "<" * 100_000,
        "config.py": "secret_key" * 10_000,
    }
    places.put(tmp_path, hostile)
    scanned(tmp_path)
    begun = time.perf_counter()
    scanned(tmp_path)
    assert time.perf_counter() - begun < 1.0
