"""What several probes of agents look at: tools and loop in the code, tasks, rows of runs."""
