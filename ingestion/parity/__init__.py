"""`ontime parity`: whether engines that were given the same loads hold the same tables."""
