"""`python -m scaffolder`, for a checkout; the console script is the documented way in."""

import sys

from scaffolder.cli import main

if __name__ == "__main__":
    sys.exit(main())
