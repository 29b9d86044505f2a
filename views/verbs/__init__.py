"""What is asked at a terminal: one function for each verb of ``cli.py``, which registers them in their order."""
