"""How unevenly is an industry spread? The measures of concentration under one roof."""

from clusters.k_density import k_density
from clusters.ripley import ripleys_k

__all__ = ["k_density", "ripleys_k"]
