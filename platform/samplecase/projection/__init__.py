"""Laying vectors out on a plane: fitted by a child process, placed by numpy alone, and looked up by polygons."""
