"""GitHub: a private repository, exactly the commits, and a rerun after every failure."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from publishing import (
    TOKEN,
    Server,
    bare,
    commit,
    git,
    github,
    program,
    quiet,
    refs,
    report_on,
    repository,
)

from scaffolder.errors import EnvironmentProblem
from scaffolder.journeys import publish as journey
from scaffolder.publish import proposing
from scaffolder.publish.ghcommand import GhCommand
from scaffolder.publish.model import About, Hosted, Refused


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with github(tmp_path / "web") as server:
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "rulebook")


def publish(project: Path, server: Server) -> journey.Published:
    plan = planned(project, server)
    return journey.publish(plan, journey.examine(plan, report_on(project)), quiet)


def planned(project: Path, server: Server) -> journey.Plan:
    plan = journey.plan(project, report_on(project), server.place())
    return replace(plan, about=replace(plan.about, topics=("rag-app", "python")))


def head(project: Path) -> str:
    return git(project, "rev-parse", "HEAD")


def pushed(server: Server) -> dict[str, str]:
    there = server.bare("rulebook")
    return refs(there) if there.exists() else {}


def test_a_private_repository_is_made_described_and_pushed_to(
    project: Path, server: Server
) -> None:
    done = publish(project, server)
    assert pushed(server) == {"refs/heads/main": head(project)}
    made = server.repos["rulebook"]
    assert (made["private"], made["topics"]) == (True, ["rag-app", "python"])
    assert done.made == Hosted("ada", "rulebook", True)
    assert server.tokens == {f"token {TOKEN.secret}"}


def test_it_is_public_only_after_that_was_asked_for(project: Path, server: Server) -> None:
    plan, done = planned(project, server), publish(project, server)
    assert server.repos["rulebook"]["private"] is True
    opened = journey.make_public(plan, done)
    assert server.repos["rulebook"]["private"] is False
    assert opened.made == Hosted("ada", "rulebook", False)


FAILURES = [
    ("GET", "/user", 401, "not accepted"),
    ("GET", "/user", "drop", "could not be reached"),
    ("GET", "/user", "junk", "owns no repositories"),
    ("GET", "/rulebook", 500, "answered 500"),
    ("GET", "/rulebook", "junk", "not understood"),
    ("POST", "/repos", 403, "may not do this"),
    ("POST", "/repos", 404, "not there"),
    ("POST", "/repos", 422, "answered 422"),
    ("POST", "/repos", 500, "answered 500"),
    ("POST", "/repos", "drop", "could not be reached"),
    ("POST", "/repos", "late", "could not be reached"),
    ("PUT", "/topics", 500, "answered 500"),
    ("PUT", "/topics", "late", "could not be reached"),
]


@pytest.mark.parametrize(("method", "path", "wrong", "told"), FAILURES)
def test_nothing_is_pushed_when_a_step_fails_and_a_rerun_goes_on(
    project: Path, server: Server, method: str, path: str, wrong: int | str, told: str
) -> None:
    server.fails[method, path] = wrong
    with pytest.raises(EnvironmentProblem, match=told) as caught:
        publish(project, server)
    assert caught.value.exit_code == 3
    assert TOKEN.secret not in caught.value.message + caught.value.hint
    assert pushed(server) == {}
    assert all(r["private"] for r in server.repos.values())

    server.fails.clear()
    publish(project, server)
    assert pushed(server) == {"refs/heads/main": head(project)}
    assert server.repos["rulebook"]["topics"] == ["rag-app", "python"]
    assert len(server.repos) == 1


def test_a_push_that_fails_leaves_a_private_repository_and_a_rerun_goes_on(
    project: Path, server: Server
) -> None:
    server.make("rulebook")
    hook = program(server.bare("rulebook") / "hooks/pre-receive", "exit 1")
    with pytest.raises(EnvironmentProblem, match="git push"):
        publish(project, server)
    assert (pushed(server), server.repos["rulebook"]["private"]) == ({}, True)
    hook.unlink()
    publish(project, server)
    assert pushed(server) == {"refs/heads/main": head(project)}


def test_a_rerun_makes_and_pushes_nothing_twice(project: Path, server: Server) -> None:
    publish(project, server)
    server.asked.clear()
    assert publish(project, server).was_there
    assert {method for method, _ in server.asked} == {"GET"}


def test_a_name_that_is_taken_by_other_commits_is_refused(
    project: Path, server: Server, tmp_path: Path
) -> None:
    server.make("rulebook")
    other = repository(tmp_path / "other")
    commit(other, {"theirs.txt": "theirs\n"})
    git(other, "push", "-q", str(server.bare("rulebook")), "main")
    before = pushed(server)
    with pytest.raises(Refused, match="not empty"):
        publish(project, server)
    assert pushed(server) == before


def test_an_empty_repository_that_is_public_is_not_pushed_to(project: Path, server: Server) -> None:
    server.make("rulebook", private=False)
    with pytest.raises(Refused, match="is public"):
        publish(project, server)
    assert pushed(server) == {}


def test_an_answer_that_names_another_repository_redirects_nothing(
    project: Path, server: Server
) -> None:
    server.answers_as = "mallory"
    with pytest.raises(Refused, match="mallory/rulebook"):
        publish(project, server)
    assert pushed(server) == {}


def test_the_steps_name_every_request_and_no_token(project: Path, server: Server) -> None:
    steps = planned(project, server).steps
    names = [step.name for step in steps]
    assert names == ["gate", "run", "scan", "create", "push", "check", "visibility"]
    shown = "\n".join(step.command for step in steps)
    assert f"POST {server.address}/user/repos: rulebook, private" in shown
    assert f"{head(project)}:refs/heads/main" in shown
    assert TOKEN.secret not in shown


def test_a_dry_run_asks_nobody(project: Path, server: Server) -> None:
    plan = journey.plan(project, report_on(project), server.place(), is_dry=True)
    assert plan.owner == "OWNER"
    assert server.asked == []


GH = """
printf '%s\\n' "$*" >> {folder}/arguments
case "$1 $2" in
  "auth token") echo {token} ;;
  "api user") echo '{{"login": "ada"}}' ;;
  "api repos/ada/rulebook")
    [ -e {folder}/made ] || {{ echo 'gh: Not Found (HTTP 404)' >&2; exit 1; }}
    echo '{made}' ;;
  "repo create") 
    touch {folder}/made; mkdir -p {web}/ada; {git} init -q --bare {web}/ada/rulebook.git ;;
  "repo edit") [ ! -e {folder}/broken ] || {{ echo 'HTTP 500: broken' >&2; exit 1; }} ;;
esac
"""


def with_gh(folder: Path) -> tuple[GhCommand, journey.Place]:
    made = {"name": "rulebook", "private": True, "owner": {"login": "ada"}}
    words = {"folder": folder, "web": folder / "web", "git": "git", "token": TOKEN.secret}
    gh = program(folder / "bin/gh", GH.format(made=json.dumps(made), **words))
    hosting = GhCommand(str(gh), str(folder / "web"))
    return hosting, journey.Place(None, hosting, TOKEN)


def test_gh_makes_the_repository_and_git_pushes(project: Path, tmp_path: Path) -> None:
    _, place = with_gh(tmp_path)
    report = report_on(project)
    plan = journey.plan(project, report, place)
    plan = replace(plan, about=replace(plan.about, topics=("rag-app",)))
    done = journey.publish(plan, journey.examine(plan, report), quiet)
    assert refs(tmp_path / "web/ada/rulebook.git") == {"refs/heads/main": head(project)}
    asked = (tmp_path / "arguments").read_text()
    assert "repo create ada/rulebook --private --description=" in asked
    assert "repo edit ada/rulebook --add-topic=rag-app" in asked
    assert "--push" not in asked
    assert "--visibility" not in asked
    assert TOKEN.secret not in asked
    journey.make_public(plan, done)
    assert "repo edit ada/rulebook --visibility=public" in (tmp_path / "arguments").read_text()


def test_gh_that_fails_pushes_nothing_and_a_rerun_goes_on(project: Path, tmp_path: Path) -> None:
    _, place = with_gh(tmp_path)
    report = report_on(project)
    plan = journey.plan(project, report, place)
    plan = replace(plan, about=replace(plan.about, topics=("rag-app",)))
    scanned = journey.examine(plan, report)
    (tmp_path / "broken").touch()
    with pytest.raises(EnvironmentProblem, match="gh did not work"):
        journey.publish(plan, scanned, quiet)
    assert refs(tmp_path / "web/ada/rulebook.git") == {}
    (tmp_path / "broken").unlink()
    journey.publish(plan, scanned, quiet)
    assert refs(tmp_path / "web/ada/rulebook.git") == {"refs/heads/main": head(project)}


def test_gh_is_used_where_it_is_installed_and_not_out_of_the_project(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_gh(tmp_path)
    monkeypatch.delenv("GITHUB_API_URL", raising=False)
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    place = journey.place(project, None)
    assert isinstance(place.hosting, GhCommand)
    assert place.token == TOKEN
    (project / "bin").mkdir()
    (tmp_path / "bin/gh").rename(project / "bin/gh")
    monkeypatch.setenv("PATH", f"{project / 'bin'}:/usr/bin:/bin")
    with pytest.raises(EnvironmentProblem, match="no token"):
        journey.place(project, None)


@pytest.mark.parametrize(
    ("folder", "name"), [("my rag app", "my-rag-app"), ("x.git", "x"), ("日本", "project")]
)
def test_a_folder_is_named_as_github_names_repositories(folder: str, name: str) -> None:
    assert proposing.name(folder) == name


def test_what_is_proposed_is_the_projects_own(tmp_path: Path, server: Server) -> None:
    from scaffolder.journeys.review import review_repo

    project = repository(
        tmp_path / "laws",
        {
            "README.md": "# Laws\n\nNurses ask **Laws** about [doses](http://x.test). It quotes.\n",
            "pyproject.toml": '[project]\nname = "laws"\nkeywords = ["Dose Rules"]\n'
            '[project.urls]\nHomepage = "https://laws.test/demo"\n',
            "laws.py": "import numpy\n",
        },
    )
    about = journey.plan(project, review_repo(project), server.place(), is_dry=True).about
    assert about.description == "Nurses ask Laws about doses. It quotes."
    assert about.homepage == "https://laws.test/demo"
    assert "dose-rules" in about.topics
    assert "python" in about.topics


def test_a_long_description_ends_with_a_sentence() -> None:
    said = proposing._description("One sentence that says something. " * 20)
    assert len(said) <= proposing.DESCRIPTION
    assert said.endswith(".")


def test_topics_are_left_out_where_there_are_none(server: Server) -> None:
    server.make("rulebook")
    server.hosting().describe(Hosted("ada", "rulebook", True), About("rulebook", ""))
    assert server.asked == []


def test_a_remote_of_the_same_name_is_no_hosting(project: Path, tmp_path: Path) -> None:
    place = journey.place(project, str(bare(tmp_path / "there.git")))
    assert place.hosting is None
    assert place.token is None
