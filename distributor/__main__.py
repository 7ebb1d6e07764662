"""`python -m distributor` is the command line."""

import sys

from distributor.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
