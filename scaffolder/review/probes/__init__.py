"""Probes: pure functions of a `RepoView` that answer yes, partial, no or unknown with evidence.

Invariant: every public function of the modules here is a probe, named in the rubric as
`module.function`; none reads a file but through the view.
"""
