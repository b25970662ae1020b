"""What calibrate.py and benchmarks/quality.py share: points learnt from outcomes. Scores are always those of the SQL."""
