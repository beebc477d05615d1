"""Lists of what several stores hold, answered as one."""
