"""The class table: the networks of students, judged on the same pictures."""
