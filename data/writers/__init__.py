"""Files for others: one module for each format that does not write itself, all by whole columns."""
