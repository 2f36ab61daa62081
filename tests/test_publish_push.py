"""The push: exactly the scanned commit, whatever the project's git is told to do."""

import shlex
import socket
from pathlib import Path

import pytest
from publishing import (
    SECRET,
    TOKEN,
    bare,
    commit,
    git,
    on_path,
    planned,
    program,
    push,
    quiet,
    refs,
    report_on,
    repository,
    scanned,
)

from scaffolder.errors import CannotWrite, EnvironmentProblem
from scaffolder.journeys import publish as journey
from scaffolder.publish import pushing, record, tokens
from scaffolder.publish.model import Frozen, Refused
from scaffolder.publish.remotes import Remote


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare(tmp_path / "remote.git")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "rulebook")


def head(project: Path) -> str:
    return git(project, "rev-parse", "HEAD")


def test_exactly_the_commit_of_the_branch_is_pushed(project: Path, remote: Path) -> None:
    git(project, "tag", "v1")
    git(project, "branch", "other")
    done = push(project, remote)
    assert refs(remote) == {"refs/heads/main": head(project)}
    assert (done.address, done.was_there) == (str(remote), False)


def test_what_is_there_already_is_done(project: Path, remote: Path) -> None:
    push(project, remote)
    assert push(project, remote).was_there


def test_later_commits_follow_those_that_were_published(project: Path, remote: Path) -> None:
    push(project, remote)
    commit(project, {"a.txt": "two\n"})
    push(project, remote)
    assert refs(remote) == {"refs/heads/main": head(project)}


def test_a_commit_that_comes_after_the_scan_is_not_pushed(project: Path, remote: Path) -> None:
    plan = planned(project, remote)
    found = journey.examine(plan, report_on(project))
    commit(project, {"late.txt": "late\n"})
    journey.publish(plan, found, quiet)
    assert refs(remote) == {"refs/heads/main": found.sha}
    assert found.sha != head(project)


def test_a_commit_before_the_scan_stops_it(project: Path, remote: Path) -> None:
    plan, report = planned(project, remote), report_on(project)
    commit(project, {"late.txt": "late\n"})
    with pytest.raises(Refused, match="changed while"):
        journey.examine(plan, report)


@pytest.mark.parametrize("branch", ["main", "other"])
def test_a_remote_with_other_commits_is_left_as_it_is(
    project: Path, remote: Path, tmp_path: Path, branch: str
) -> None:
    other = repository(tmp_path / "other")
    commit(other, {"theirs.txt": "theirs\n"})
    git(other, "push", "-q", str(remote), f"HEAD:refs/heads/{branch}")
    before = refs(remote)
    with pytest.raises(Refused, match="is not empty"):
        push(project, remote)
    assert refs(remote) == before


def test_a_history_that_was_rewritten_is_not_forced(project: Path, remote: Path) -> None:
    push(project, remote)
    before = refs(remote)
    git(project, "commit", "-q", "--amend", "-m", "Rewritten")
    with pytest.raises(Refused):
        push(project, remote)
    assert refs(remote) == before


def test_what_the_commit_does_not_reach_stays_here(project: Path, remote: Path) -> None:
    git(project, "checkout", "-q", "-b", "other")
    commit(project, {"settings.py": f'KEY = "{SECRET}"\n'})
    blob = git(project, "rev-parse", "HEAD:settings.py")
    git(project, "notes", "add", "-m", SECRET, "main")
    git(project, "checkout", "-q", "main")
    git(project, "repack", "-q", "-a", "-d", "-b")
    push(project, remote)
    there = git(remote, "cat-file", "--batch-check", "--batch-all-objects")
    assert blob not in there
    assert len(there.splitlines()) == 3


def test_a_hook_of_the_remote_that_says_no_is_told(project: Path, remote: Path) -> None:
    program(remote / "hooks" / "pre-receive", "echo not today >&2; exit 1")
    with pytest.raises(EnvironmentProblem, match="git push") as caught:
        push(project, remote)
    assert "main" in caught.value.message
    assert refs(remote) == {}


def test_the_configuration_of_the_project_has_no_say(
    project: Path, remote: Path, tmp_path: Path
) -> None:
    """Each of them acts on an ordinary push, which is the control."""
    evil, marker = bare(tmp_path / "evil.git"), tmp_path / "marker"
    program(project / ".git/hooks/pre-push", f"echo hook >> {marker}")
    receive = program(tmp_path / "receive", f"echo receive >> {marker}; exec git-receive-pack $*")
    git(project, "config", f"url.{evil}.pushInsteadOf", str(remote))
    git(project, "config", "remote.origin.url", str(remote))
    git(project, "config", "remote.origin.receivepack", str(receive))
    git(project, "config", "push.followTags", "true")

    push(project, remote)
    assert refs(remote) == {"refs/heads/main": head(project)}
    assert refs(evil) == {}
    assert not marker.exists()

    git(project, "push", "-q", "origin", "main")
    assert refs(evil) == {"refs/heads/main": head(project)}
    assert set(marker.read_text().split()) == {"hook", "receive"}


def test_the_programs_that_the_project_names_for_ssh_are_not_run(
    project: Path, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    ssh = program(tmp_path / "ssh", f"echo ssh >> {marker}; exit 1")
    git(project, "config", "core.sshCommand", str(ssh))
    with pytest.raises(EnvironmentProblem):
        push(project, "ssh://git@127.0.0.1:1/ada/x.git")
    assert not marker.exists()
    with pytest.raises(AssertionError):
        git(project, "push", "-q", "ssh://git@127.0.0.1:1/ada/x.git", "main")
    assert marker.exists()


def test_the_proxy_of_the_project_sees_nothing(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0.2)
        git(project, "config", "http.proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with pytest.raises(EnvironmentProblem):
            push(project, "https://127.0.0.1:1/ada/x.git")
        with pytest.raises(TimeoutError):
            proxy.accept()


RECORDER = r"""
for word in "$@"; do case "$word" in
  ls-remote|push)
    printf '%s ' "$@" >> {log}/arguments
    if [ -n "$GIT_ASKPASS" ]; then
      for asked in "Username for 'https://{host}': " \
          "Password for 'https://x-access-token@{host}': " \
          "Password for 'https://x-access-token@evil.test': "; do
        "$GIT_ASKPASS" "$asked" >> {log}/answers; echo >> {log}/answers
      done
    fi
    [ "$word" = push ] && touch {log}/pushed
    [ "$word" = ls-remote ] && [ -e {log}/pushed ] && printf '%s\trefs/heads/main\n' {sha}
    exit 0;;
esac; done
exec {git} "$@"
"""


@pytest.mark.parametrize("host", ["github.com", "elsewhere.test"])
def test_the_token_goes_to_its_host_alone_and_never_in_an_argument(
    host: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    log = tmp_path / "log"
    log.mkdir()
    words = {"log": shlex.quote(str(log)), "host": host, "sha": head(project)}
    program(tmp_path / "bin/git", RECORDER.format(git=shutil.which("git"), **words))
    on_path(monkeypatch.setenv, tmp_path / "bin")
    monkeypatch.setenv("GH_TOKEN", TOKEN.secret)
    push(project, f"https://{host}/ada/x.git")
    arguments = (log / "arguments").read_text()
    assert "push" in arguments
    assert TOKEN.secret not in arguments
    if host == "github.com":
        told = (log / "answers").read_text().split("\n")
        assert told[:3] == ["x-access-token", TOKEN.secret, ""]
    else:
        assert not (log / "answers").exists()


def test_a_token_is_in_no_file_and_in_no_words(project: Path) -> None:
    remote = Remote("https://github.com/ada/x.git", "https", "github.com")
    with pushing.opened(project, remote, TOKEN) as room:
        for path in room.git.folder.rglob("*"):
            if path.is_file():
                assert TOKEN.secret.encode() not in path.read_bytes()
    assert TOKEN.secret not in repr(TOKEN)


def test_no_token_is_an_environment_problem(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in tokens.NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="no token") as caught:
        journey.place(project, None)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("api", ["http://evil.test", "https://ada:x@github.test", "x"])
def test_a_token_is_sent_to_no_odd_address(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", api)
    with pytest.raises(EnvironmentProblem):
        tokens.host()


def test_the_record_is_in_our_state_and_not_in_the_project(
    project: Path, remote: Path, home: Path
) -> None:
    before = sorted(p for p in project.rglob("*"))
    push(project, remote)
    assert sorted(p for p in project.rglob("*")) == before
    frozen = Frozen(str(project), head(project), "main", frozenset())
    assert record.read(frozen, str(remote)).done == ("scan", "push")
    assert list(home.rglob("published/*.json"))


def test_a_record_that_cannot_be_written_stops_it_before_the_push(
    project: Path, remote: Path, home: Path
) -> None:
    (home / ".local/share/scaffold").mkdir(parents=True, exist_ok=True)
    (home / ".local/share/scaffold/published").write_text("in the way")
    with pytest.raises(CannotWrite):
        push(project, remote)
    assert refs(remote) == {}


def test_what_was_scanned_is_what_may_be_pushed(project: Path, remote: Path) -> None:
    found = scanned(project)
    commit(project, {"a.txt": "two\n"})
    with pytest.raises(Refused):
        journey.publish(planned(project, remote), found, quiet)
    assert refs(remote) == {}
