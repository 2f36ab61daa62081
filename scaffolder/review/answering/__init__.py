"""How the code answers: what it shows beside an answer, when it declines, how it is graded."""
