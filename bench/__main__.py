"""All measurements, one after the other."""

import sys

from bench import locate

if __name__ == "__main__":
    locate.main(sys.argv[1:])
