"""The steps of a run, recorded so that they can be read afterwards."""

import re

from scaffolder.review.agentwork import loop, runs, toolset
from scaffolder.review.model import Answer, Evidence, Reading, no, partial, yes
from scaffolder.review.models.codewords import in_files, place
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.probes import observing
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

_EVENT = re.compile(
    r"(?:^|[._])(?:event|span|trace|log_step|record|save_step|add_step|log_event|emit|append_step"
    r"|log_tool\w{0,8}|write_trajectory|save_trajectory|save_traj|start_span|start_as_current_span)$",
    re.IGNORECASE,
)
_KEPT = re.compile(r"trajector|trace|transcript|(?:^|_)steps?(?:_|$)|run_?log|history_file", re.I)
_WRITES = re.compile(
    r"(?:^|\.)(?:json\.dump|dump|write_text|write|writelines|to_json|model_dump_json)$"
)
_SCRIPT = re.compile(
    r"experimental_telemetry|langfuse|startSpan|appendFile\w{0,4}\(.{0,60}(?:trace|step)"
)


def steps_kept(view: RepoView) -> Reading:
    """The steps of a run are recorded and kept; printed or logged plainly is partial."""
    if not loop.loops(view) and not toolset.tools(view):
        return no("No agent was found whose steps could be recorded.")
    near = {f.path for f in loop.modules(view)} | {t.path for t in toolset.tools(view)}
    kept = [e for f in view.code if f.path in near and (e := _recorded(view, f))]
    kept += in_files(view, _SCRIPT, scripts(view))
    kept += [runs.spot(view, r) for r in runs.runs(view) if r.actions][:1]
    if kept:
        return yes("The steps of a run are recorded and kept.", *kept[:3])
    watched = observing.monitored(view)
    if watched.answer is Answer.YES:
        return yes("A tool records what the agent does.", *watched.evidence[:3])
    printed = [
        place(view, f.path, c.line)
        for f in view.code
        if f.path in near
        for c in f.calls
        if c.name == "print" or c.name.rpartition(".")[2] in ("info", "debug", "log")
    ]
    if printed or watched.answer is Answer.PARTIAL:
        reason = "Steps are printed or logged, and not kept as steps of a run."
        return partial(reason, *(printed[:2] or watched.evidence[:2]))
    return no("No step of a run is recorded.")


def _recorded(view: RepoView, file: PythonFile) -> Evidence | None:
    for call in file.calls:
        if _EVENT.search(call.name):
            return place(view, file.path, call.line)
    if any(_KEPT.search(n[:60]) for n in file.names):
        written = next((c for c in file.calls if _WRITES.search(c.name)), None)
        return place(view, file.path, written.line) if written else None
    return None
