"""OGC API – Features, Part 1 (Core, GeoJSON, OpenAPI 3.0) at ``/ogc/``, for GIS programs and scripts.

Not pygeoapi, which serves tables that are the same for everybody and chosen in a file when it starts: here every answer
is made from what its reader may see of the version that is current, and a page keeps to the version that it began with.
The structure that clients of pygeoapi and other servers expect (a path for each collection, ``limit`` under
``components/parameters``, a ``next`` link) is kept.

What is left out: HTML, other coordinate systems than CRS84, filter languages (Part 3), writing. A text that the product
has in two languages is there in both.
"""
