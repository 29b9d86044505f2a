"""Where it is: coordinate systems, boundaries, addresses, point location and the map layers drawn from them.

Knows arrays and GeoDataFrames, never a column name of ours, and imports no other package of this project.
"""
