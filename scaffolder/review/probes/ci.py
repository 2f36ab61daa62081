"""Continuous integration: what it runs, on which events, with which rights and secrets."""

from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.project import chores
from scaffolder.review.project.recipes import Order
from scaffolder.review.project.workflows import Job, Workflow, workflows
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_LOOKED = "No workflow was found: .github/workflows, GitLab, CircleCI, Azure, Jenkins and others."
_OFF = "CI is there, and every job of it is switched off (if: false)."
_HARMLESS = {"GITHUB_TOKEN", "CODECOV_TOKEN", "COVERALLS_REPO_TOKEN", "SONAR_TOKEN"}
_WRITES = {"write", "write-all"}


def runs_tests(view: RepoView) -> Reading:
    """A job of CI runs the tests; CI that runs none, or a workflow nobody runs, is partial."""
    every = workflows(view)
    if not every:
        return no(_LOOKED)
    found = [(w, o) for w in every for o in w.orders if chores.does(o, chores.TESTS)]
    hard = [(w, o) for w, o in found if w.runs and not o.soft and _started(w)]
    if hard:
        return yes(f"{_name(hard[0][0])} runs the tests.", *_quoted(view, [o for _, o in hard]))
    if not found:
        first = [view.quote(w.path, 1) for w in every[:3]]
        said = _OFF if _is_off(every) else "CI is there, and no job of it runs tests."
        return partial(said, *first)
    workflow, order = found[0]
    return partial(_weakness(workflow, order), *_quoted(view, [o for _, o in found]))


def checks_each_change(view: RepoView) -> Reading:
    """Lint, types and tests run in workflows that pushes and pull requests start."""
    live = _live(view)
    if not live:
        return no(_none_live(view))
    wanted = (chores.LINT, chores.TYPES, chores.TESTS)
    found = {c: _doing(live, c) for c in wanted}
    missing = [c for c in wanted if not found[c]]
    places = _quoted(view, [o for c in wanted for o in found[c][:1]])
    if len(missing) == len(wanted):
        said = _OFF if _is_off(live) else "CI runs neither lint nor types nor tests."
        return no(said, *_files(view, live))
    if missing:
        return partial(f"CI runs no {' and no '.join(missing)}.", *places)
    return yes("CI runs lint, types and tests.", *places)


def starts_on_changes(view: RepoView) -> Reading:
    """The workflow that tests is started by a push and by a pull request."""
    testing = [w for w in _live(view) if _doing([w], chores.TESTS)]
    if not testing:
        return no("No workflow that runs on a change runs the tests.")
    events = {e.removesuffix("_target") for w in testing for e in w.triggers}
    missing = {"push", "pull_request"} - events
    if missing:
        return partial(
            f"The tests are not started by {' or '.join(sorted(missing))}.",
            *_files(view, testing),
        )
    return yes("A push and a pull request both start the tests.", *_files(view, testing))


def evaluates(view: RepoView) -> Reading:
    """A job runs the evaluation of the project, and its failure fails the job."""
    live = _live(view)
    found = _doing(live, chores.EVALUATION)
    if not found:
        return no("No job of CI runs an evaluation command.", *_files(view, live))
    if all(o.soft for o in found):
        return partial("CI runs the evaluation, but a failure is ignored.", *_quoted(view, found))
    return yes("CI runs the evaluation.", *_quoted(view, found))


def cannot_pass_by_accident(view: RepoView) -> Reading:
    """No check of CI has its failure thrown away."""
    live = _live(view)
    if not live:
        return no(_none_live(view))
    wanted = (chores.LINT, chores.TYPES, chores.TESTS, chores.EVALUATION)
    soft = [o for c in wanted for o in _doing(live, c) if o.soft]
    if soft:
        return partial(
            "A check in CI cannot fail: its exit code is thrown away.", *_quoted(view, soft)
        )
    return yes("No check in CI has its failure thrown away.", *_files(view, live))


def least_privilege(view: RepoView) -> Reading:
    """The workflows that run on a change state read-only rights."""
    live = [w for w in _live(view) if w.service == "GitHub" and _checks(w)]
    if not live:
        others = _live(view)
        if not others:
            return no(_none_live(view))
        return yes("No GitHub workflow that checks a change holds rights.", *_files(view, others))
    silent = [w for w in live if not _stated(w)]
    if silent:
        return partial(
            "A workflow states no permissions, so it runs with whatever the repository grants.",
            *_files(view, silent),
        )
    writing = [w for w in live if _writes(w.permissions)]
    if writing:
        return partial("A workflow that checks code may also write.", *_files(view, writing))
    return yes("The workflows that check code have read-only rights.", *_files(view, live))


def needs_no_secret(view: RepoView) -> Reading:
    """The jobs that check a change read no secret, so that they run on a fork."""
    live = _live(view)
    jobs = [(w, j) for w in live for j in w.jobs if _checking(j)]
    if not jobs:
        return no("No job that runs on a change checks the code.")
    bound = [(w, sorted(j.secrets - _HARMLESS)) for w, j in jobs if j.secrets - _HARMLESS]
    if not bound:
        return yes("The jobs that check the code read no secret.", *_files(view, live))
    workflow, names = bound[0]
    line = next((n for n, s in enumerate(view.lines(workflow.path), 1) if names[0] in s), 1)
    return partial(
        f"A job that checks the code reads the secret {clean(names[0], 80)}, which a fork has not.",
        view.quote(workflow.path, line),
    )


def _live(view: RepoView) -> list[Workflow]:
    return [w for w in workflows(view) if w.runs and w.automatic]


def _none_live(view: RepoView) -> str:
    return "No workflow is started by a change of the code." if workflows(view) else _LOOKED


def _is_off(listed: list[Workflow] | tuple[Workflow, ...]) -> bool:
    return not any(w.jobs for w in listed)


def _started(workflow: Workflow) -> bool:
    return bool(workflow.triggers - {"workflow_dispatch", "repository_dispatch"})


def _weakness(workflow: Workflow, order: Order) -> str:
    if not workflow.runs:
        return f"{_name(workflow)} lies where its service does not look, so that it never runs."
    if not workflow.triggers:
        return f"{_name(workflow)} runs the tests, but no branch starts it."
    if order.soft:
        return f"{_name(workflow)} runs the tests, but their failure is ignored."
    return f"{_name(workflow)} runs the tests only when somebody starts it by hand."


def _name(workflow: Workflow) -> str:
    return clean(workflow.path, 80)


def _doing(listed: list[Workflow], chore: str) -> list[Order]:
    return [o for w in listed for o in w.orders if chores.does(o, chore)]


def _checks(workflow: Workflow) -> bool:
    return any(_checking(j) for j in workflow.jobs)


def _checking(job: Job) -> bool:
    wanted = (chores.LINT, chores.TYPES, chores.TESTS)
    return any(chores.does(o, c) for o in job.orders for c in wanted)


def _stated(workflow: Workflow) -> bool:
    each = [j for j in workflow.jobs if _checking(j)]
    return workflow.permissions is not None or all(j.permissions is not None for j in each)


def _writes(permissions: object) -> bool:
    if isinstance(permissions, dict):
        return any(str(v) in _WRITES for v in permissions.values())
    return str(permissions) in _WRITES


def _quoted(view: RepoView, orders: list[Order]) -> list[Evidence]:
    places = dict.fromkeys((o.path, o.line) for o in orders)
    return [view.quote(path, line) for path, line in list(places)[:4]]


def _files(view: RepoView, listed: list[Workflow]) -> list[Evidence]:
    return [view.quote(w.path, 1) for w in listed[:3]]
