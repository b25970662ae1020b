"""What build.py and test.py share. All scoring logic stands in SQL, under models/."""
