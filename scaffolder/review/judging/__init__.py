"""Judges beside people: labels, verdicts, and the rates that both give together."""
