"""Runs a project in throw-away copies with faults injected, and watches.

Invariant: the project is never written to; nothing is concluded from a fault before the same
command has worked without it.
"""
