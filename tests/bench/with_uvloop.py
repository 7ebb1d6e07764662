"""`distributor` on uvloop's event loop: python -m tests.bench.with_uvloop ARGS."""

import sys

import uvloop

from distributor.cli.app import main

if __name__ == "__main__":
    uvloop.install()
    sys.exit(main(sys.argv[1:]))
