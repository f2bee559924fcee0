"""What is loaded, built and published."""
