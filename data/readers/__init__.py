"""Files of strangers: read in a walled-off process, by what they hold and not by what they are called."""
