"""Advice of a model on what no probe can decide; the only owner of `anthropic`.

Invariant: nothing here changes a verdict, no text of a repository is an instruction, and no call is
made before its worst price was reserved.
"""
