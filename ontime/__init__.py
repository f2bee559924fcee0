"""What all rooms share: errors, settings, SQL, files, locks, the console and the command line."""
