"""What a Python module or notebook imports, calls, defines and catches."""
