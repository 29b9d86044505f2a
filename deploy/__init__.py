"""What brings the program to a machine: the offline bundle, the proxy, the service."""
