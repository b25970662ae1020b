"""The README's example of own tables gives what the README shows."""

import re

from tests.conftest import PROJECT, b2b_rules


def test_the_example_of_own_tables_builds_and_prints_what_the_readme_shows(build, tmp_path):
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    raw = tmp_path / "mine"
    raw.mkdir()
    blocks = re.findall(r"`(\w+\.csv)`\n\n```csv\n(.*?)```", readme, re.DOTALL)
    assert [name for name, _ in blocks] == ["contacts.csv", "events.csv", "identities.csv", "outcomes.csv"]
    for name, text in blocks:
        (raw / name).write_text(text)
    done = build("--raw", str(raw), "--rules", str(b2b_rules(tmp_path / "rules")))
    assert done.code == 0, done.errors
    shown = re.search(r"--raw mine --rules rules --warehouse warehouse/mine\n\n```\n(.*?)```", readme, re.DOTALL)[1]
    printed = [line.rstrip() for line in done.output.splitlines()]
    for line in shown.splitlines():
        assert line in printed, f"{line}\nnot in\n{done.output}"
    # All warnings are shown, and who asked for a demo is to be called.
    assert [line for line in printed if line.startswith("Warning")] == [line for line in shown.splitlines() if line.startswith("Warning")]
    told = re.search(r"The `next_action` of (\w+), who asked for a demo, is `(.+?)`", readme)
    assert done.rows("select contact_id, next_action from lead_scores where reason_1 like '%demo request%'") == [told.groups()]
