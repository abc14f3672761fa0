"""An exact model of what is printed: whether the cells can hold together, what must give way, and why."""
