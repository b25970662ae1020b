"""Code shared by the scripts. All scoring logic is in SQL, in models/."""
