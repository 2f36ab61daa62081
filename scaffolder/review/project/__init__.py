"""What a project declares and runs: dependencies, locks, recipes, CI, tests, variables."""
