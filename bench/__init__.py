"""Speed beside peers: ratios from one interleaved run, answers compared first."""
