"""The system under test: it reads what a patient writes about an appointment, and replies.

Invariant: no model, no clock, no chance. The same message, received on the same day, gets the same
answer: `{"message": ..., "received": "2026-03-02"}` to action, date, time and reply.
"""
