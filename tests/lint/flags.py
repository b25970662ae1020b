"""What sqlfluff's Jinja templater takes for dbt's `flags`."""

FULL_REFRESH = "false"
