"""What a user can do, as functions: the layer that every front end calls.

Invariant: nothing here prints, asks or exits; what the user should be told is returned.
"""
