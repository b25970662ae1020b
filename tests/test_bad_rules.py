"""Law 9 for the seeds: each wrong rule is one line with file, row, column, value and what would be right."""

import csv
import shutil

import pytest

# The row that each break changes or adds, the cells it gets, and the line that must be told about it.
# A changed row is found by the value of its first cell.
BREAKS = {
    "a rule id twice": ("event_rules", "ce_popup", {"rule_id": "ct_country"}, "rule_id: ct_country: must be unique; already used in attribute_rules.csv, row 3"),
    "a model that does not exist": ("event_rules", "ce_visit", {"model_id": "kore"}, "model_id: kore: must be a model_id of score_models.csv"),
    "a group that does not exist": ("event_rules", "ce_offer", {"rule_group": "sight"}, "rule_group: sight: must be a rule_group of the model"),
    "a feature that does not exist": ("activity_rules", None, {"feature": "clicks"}, "feature: clicks: must be one of events, active_days"),
    "a band that does not exist": ("score_matrix", None, {"demographic_band": "splendid"}, "demographic_band: splendid: must be a demographic band"),
    "points that are no number": ("event_rules", "ce_cart", {"points": "ten"}, "points: ten: must be a number"),
    "points with five decimals": ("event_rules", "ce_search", {"points": "1.00001"}, "points: 1.00001: must have at most 4 decimals"),
    "points that are missing": ("event_rules", "ce_download", {"points": ""}, "points: (empty): must not be empty"),
    "a day that is no whole number": ("event_rules", "ce_form", {"within_days": "7.5"}, "within_days: 7.5: must be a whole number"),
    "more days than can be counted back": ("event_rules", "ce_purchase_count", {"within_days": "100000"}, "within_days: 100000: must not be above 99999"),
    "a unit of nothing": ("event_rules", "ce_webinar", {"unit": "0"}, "unit: 0: must be at least 0.000001"),
    "lower not below upper": ("activity_rules", None, {"lower": "5", "upper": "5"}, "lower: 5: must be below upper, 5"),
    "decay without its days": ("event_rules", "ce_cta", {"decay": "exponential", "decay_days": ""}, "decay_days: (empty): is required when decay is exponential"),
    "step decay without its percent": (
        "event_rules",
        "ce_visit_future",
        {"decay": "step", "decay_days": "30", "decay_percent": ""},
        "decay_percent: (empty): is required when decay is step",
    ),
    "an unknown decay": ("event_rules", "ce_visit_expired", {"decay": "cubic"}, "decay: cubic: must be one of none, exponential"),
    "an unknown comparison": ("attribute_rules", "ct_industry", {"comparison": "like"}, "comparison: like: must be one of equals, not_equals"),
    "a regular expression that does not compile": (
        "attribute_rules",
        "ct_chief",
        {"comparison": "matches", "operand": "(chief"},
        "operand: (chief: must be a valid regular expression",
    ),
    "between without two numbers": ("attribute_rules", "ct_age", {"comparison": "between", "operand": "30"}, "operand: 30: must be low|high"),
    "a comparison without its operand": ("attribute_rules", "ct_small", {"operand": ""}, "operand: (empty): is required when comparison is "),
    "a comparison without its property": (
        "event_rules",
        "ce_page_pricing",
        {"property": ""},
        "property: (empty): is required when comparison is set",
    ),
    "min_points above max_points": ("rule_groups", None, {"min_points": "9", "max_points": "8"}, "min_points: 9: must not be above max_points, 8"),
    "a model floor above its ceiling": ("score_models", "old", {"min_score": "9", "max_score": "8"}, "min_score: 9: must not be above max_score, 8"),
    "keep_score above min_score": ("score_bands", None, {"min_score": "-500", "keep_score": "-499"}, "keep_score: -499: must not be above min_score, -500"),
    "an unknown audience attribute": ("score_models", "trial", {"audience_attribute": "sector"}, "audience_attribute: sector: must be an attribute of raw.contacts"),
    "an unknown status": ("score_models", "core", {"status": "live"}, "status: live: must be one of active, challenger, draft, archived"),
    "a comparison without its attribute and operand": (
        "attribute_rules",
        "ct_country",
        {"and_attribute": "city", "and_comparison": "", "and_operand": ""},
        "and_comparison: (empty): is required when and_attribute or and_operand is set",
    ),
    "a comparison for an event": (
        "disqualification_rules",
        None,
        {"source": "event", "name": "unsubscribe", "comparison": "equals", "operand": "x"},
        "comparison: equals: must be empty when source is event",
    ),
    "a percentage above 100": ("event_rules", "ce_email_open", {"decay_percent": "101"}, "decay_percent: 101: must not be above 100"),
    "a date that is none": ("event_rules", "ce_page_shop", {"valid_from": "2024-02-30"}, "valid_from: 2024-02-30: must be a date"),
}


def change(folder, seed, key, cells):
    """Change the row whose first cell is `key` (None: the last row); returns its line in the file."""
    path = folder / f"{seed}.csv"
    with open(path, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    place = len(rows) - 1 if key is None else [next(iter(row.values())) for row in rows].index(key)
    assert set(cells) <= set(rows[0])
    rows[place] |= cells
    with open(path, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return place + 2


def rounds():
    """The breaks in as few builds as possible: in each, no two change the same row."""
    left, result = dict(BREAKS), []
    while left:
        taken = {}
        for name, (seed, key, _, _) in left.items():
            taken.setdefault((seed, key), name)
        result.append(sorted(taken.values()))
        left = {name: row for name, row in left.items() if name not in taken.values()}
    return result


@pytest.mark.parametrize("names", rounds(), ids=lambda names: f"{len(names)} breaks")
def test_law_9_all_wrong_rules_are_told_at_once_and_nothing_is_built(names, build, raw, rules):
    wanted = {}
    for name in names:
        seed, key, cells, line = BREAKS[name]
        wanted[name] = f"{rules / seed}.csv: row {change(rules, seed, key, cells)}, column {line}"
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.errors
    for name, line in wanted.items():
        assert line in done.errors, f"{name}: {line}\nnot in\n{done.errors}"
    assert not done.published.exists()
    assert "Traceback" not in done.errors + done.output


def test_the_greatest_numbers_of_days_are_built_and_limit_nothing(build, raw, rules):
    """Each rule with days, beside the same one without."""
    days = {
        "within": ({"event_type": "visit", "within_days": "99999"}, {"event_type": "visit"}),
        "period": ({"event_type": "visit", "max_per_period": "2", "period_days": "99999"}, {"event_type": "visit", "max_times": "2"}),
        "after": ({"event_type": "email_reply", "after_event_type": "email_open", "after_within_days": "99999"}, {"event_type": "email_reply", "after_event_type": "email_open"}),
    }
    with open(rules / "event_rules.csv", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for name, pair in days.items():
        rows += [{"rule_id": f"{name}_{number}", "model_id": "core", "rule_group": "site", "points": "1"} | cells for number, cells in enumerate(pair)]
    with open(rules / "event_rules.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, [*rows[0], "after_event_type", "after_within_days"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    goal = "model_id,goal_id,outcome,within_days,eligible,eligible_event_type,eligible_within_days,segment_attribute,evaluated_days,attribution_days,description"
    (rules / "conversion_goals.csv").write_text(f"{goal}\ncore,now,won,7,not_converted,,,,99999,99999,\ncore,late,won,99999,event_running,visit,99999,,,,\n", encoding="utf-8")
    done = build("--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-30", "--evaluate", "2")
    assert done.code == 0, done.errors
    for name in days:
        limited, free = (done.rows(f"select contact_id, points, matches from lead_score_contributions where rule_id = '{name}_{number}' order by all") for number in (0, 1))
        assert limited == free != [], name


def test_wrong_conditions_of_rules_are_told_with_their_rows(build, raw, rules):
    rows = {
        "ct_country,city,equals,x": None,
        "ct_country,city,equals,": "operand: (empty): is required when comparison is equals",
        "nobody,city,equals,x": "rule_id: nobody: must be a rule_id of event_rules.csv or attribute_rules.csv",
        "ca_returned_1,city,equals,x": "rule_id: ca_returned_1: must be a rule_id of event_rules.csv or attribute_rules.csv",
        "ce_visit,channel,like,x": "comparison: like: must be one of equals",
        "ce_visit,,is_missing,": "name: (empty): must not be empty",
        "ce_visit,value,days_ago_at_most,soon": "operand: soon: must be a number of days, 0 to 99999, for days_ago_at_most",
        "ce_visit,value,between,9|1": "operand: 9|1: must be low|high for between",
    }
    (rules / "rule_conditions.csv").write_text("\n".join(["rule_id,name,comparison,operand", *rows]) + "\n", encoding="utf-8")
    change(rules, "disqualification_rules", None, {"source": "outcome", "name": "renewed", "comparison": "", "operand": ""})
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.errors
    for number, line in enumerate(rows.values(), 2):
        assert line is None or f"rule_conditions.csv: row {number}, column {line}" in done.errors, done.errors
    assert "name: renewed: must be one of qualified, won, lost, disqualified when source is outcome" in done.errors
    assert done.errors.count("rule_conditions.csv: row") == len(rows) - 1


def test_two_bands_with_the_same_min_score_and_a_missing_matrix_cell_are_named(build, raw, rules):
    bands = (rules / "score_bands.csv").read_text(encoding="utf-8").splitlines()
    core_total = [line for line in bands if line.startswith("core,total,")]
    clone = core_total[0].split(",")
    clone[2] = "twin"
    (rules / "score_bands.csv").write_text("\n".join([*bands, ",".join(clone)]) + "\n", encoding="utf-8")
    matrix = (rules / "score_matrix.csv").read_text(encoding="utf-8").splitlines()
    removed = matrix.pop().split(",")
    (rules / "score_matrix.csv").write_text("\n".join(matrix) + "\n", encoding="utf-8")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2
    assert f"score_bands.csv: row {len(bands) + 1}, column min_score: " in done.errors
    assert f"must be unique; already used in row {bands.index(core_total[0]) + 1}" in done.errors
    assert f"score_matrix.csv: row 2, column behavioural_band: {removed[1]} x {removed[2]}: must have a row" in done.errors


def test_the_row_that_is_named_is_the_line_of_the_file_also_after_empty_lines_and_in_a_long_file(build, raw, rules):
    path = rules / "event_rules.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    extra = [rows[0].replace("ce_visit,", f"ce_many_{number},", 1) for number in range(3000)]
    bad = extra[2500].split(",")
    bad[header.split(",").index("points")] = "many"
    extra[2500] = ",".join(bad)
    lines = [header, "", *rows, "", *extra]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2
    assert done.errors.count("event_rules.csv: row") == 1, done.errors
    assert f"event_rules.csv: row {1 + lines.index(extra[2500])}, column points: many: must be a number" in done.errors


def test_a_blank_at_an_end_of_a_cell_is_told_and_read_as_it_is(build, raw, rules):
    """Not in sentences and parts of texts. The raw tables may have the blank too, so it is no error."""
    told = {
        change(rules, "event_rules", "ce_visit", {"event_type": " visit", "description": " a visit "}): ("event_rules", "event_type", " visit"),
        change(rules, "attribute_rules", "ct_region", {"operand": "north| south"}): ("attribute_rules", "operand", "north| south"),
        change(rules, "attribute_rules", "ct_language", {"attribute": "language\u00a0"}): ("attribute_rules", "attribute", "language\u00a0"),
    }
    change(rules, "attribute_rules", "ct_manager", {"operand": " manager"})
    done = build("--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-30")
    assert done.code == 0, done.errors
    wanted = {
        f"Warning {rules / seed}.csv: row {row}, column {column}: '{cell}' has a blank at an end; remove the blank, unless the raw tables have it too"
        for row, (seed, column, cell) in told.items()
    }
    # The screen shows a no-break space as it shows a blank.
    assert {line for line in done.output.splitlines() if "has a blank" in line} == wanted


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Next_Actions.csv", "is not read; rename it to next_actions.csv, or move it away"),
        ("lifecycle_stage.csv", "is not read; rename it to lifecycle_stages.csv, or move it away"),
        ("reference lists (1).csv", "is not read; rename it to reference_lists.csv, or move it away"),
        ("conversion-goals.xlsx", "is not read; save it as conversion_goals.csv, or move it away"),
        # What reads like no optional file, or has that file beside it, is somebody's own.
        ("event_rules_old.csv", None),
        ("next_actions.csv.off", None),
        ("notes.csv", None),
        ("score_models.xlsx", None),
    ],
)
def test_an_optional_file_by_another_name_is_told(name, line, rules, tmp_path):
    from support import inputs

    (rules / name).write_text("x\n", encoding="utf-8")
    try:
        inputs.copy_rules(rules, tmp_path / "warehouse")
        told = None
    except inputs.WrongInput as problem:
        told = str(problem)
    finally:
        shutil.rmtree(inputs.place_of_rules(tmp_path / "warehouse"), ignore_errors=True)
    assert told == (line and f"{rules / name}: {line}")


def test_an_archived_model_gives_nothing_but_its_rows_are_checked(build, raw, rules):
    row = change(rules, "event_rules", "oe_visit", {"points": "five"})
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2
    assert f"event_rules.csv: row {row}, column points: five: must be a number" in done.errors


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda path: path.unlink(), "event_rules.csv: is missing"),
        (lambda path: path.write_text(""), "event_rules.csv: row 1: is empty"),
        (lambda path: path.write_text(path.read_text().replace("points,max_per", "pointz,max_per", 1)), "event_rules.csv: row 1, column points: is missing"),
        (lambda path: path.write_text(path.read_text().replace("points,max_per", "pointz,max_per", 1)), "row 1, column pointz: is unknown"),
        (lambda path: path.write_text(path.read_text() + "one,two\n"), "has 2 cells; the header has 27"),
        (lambda path: path.write_text(path.read_text() + '"never closed\n'), "is not valid csv"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\xff\xfe\n"), "is not UTF-8 text"),
    ],
    ids=["missing", "empty", "misnamed column", "unknown column", "ragged row", "open quote", "not UTF-8"],
)
def test_a_seed_file_that_cannot_be_used_is_named(damage, line, build, raw, rules):
    damage(rules / "event_rules.csv")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2
    assert line in done.errors, done.errors
    assert "Traceback" not in done.errors + done.output
    assert not done.published.exists()


def test_a_wrong_source_is_told_once_and_not_as_a_missing_comparison_too(build, raw, rules):
    line = change(rules, "disqualification_rules", "cd_spam", {"source": "evnt"})
    wrong = build("--raw", str(raw), "--rules", str(rules))
    told = [text for text in wrong.errors.splitlines() if f"disqualification_rules.csv: row {line}," in text]
    assert [text.split(f"row {line}, ")[1] for text in told] == ["column source: evnt: must be one of attribute, event, outcome"]


FILTER_COLUMNS = "filter_id event_type kind property comparison operand after_event_type seconds times description".split()
# Each wrong filter, with its cells and what is told of it.
WRONG_FILTERS = [
    ({"kind": "burst", "event_type": "click", "seconds": "2"}, "times: (empty): is required when kind is burst"),
    ({"kind": "burst", "event_type": "click", "seconds": "2", "times": "1"}, "times: 1: must be at least 2"),
    ({"kind": "burst", "event_type": "click", "seconds": "2", "times": "2.5"}, "times: 2.5: must be a whole number"),
    ({"kind": "burst", "seconds": "2", "times": "3"}, "event_type: (empty): is required when kind is burst"),
    ({"kind": "burst", "event_type": "click", "times": "3"}, "seconds: (empty): is required when kind is burst"),
    ({"kind": "burst", "event_type": "click", "seconds": "2", "times": "3", "operand": "x"}, "operand: x: must be empty when kind is burst"),
    ({"kind": "too_fast", "event_type": "click", "seconds": "2"}, "after_event_type: (empty): is required when kind is too_fast"),
    ({"kind": "too_fast", "event_type": "click", "after_event_type": "sent", "seconds": "-1"}, "seconds: -1: must be at least 0"),
    ({"kind": "too_fast", "event_type": "click", "after_event_type": "sent", "seconds": "soon"}, "seconds: soon: must be a number"),
    ({"kind": "too_fast", "event_type": "click", "after_event_type": "sent", "seconds": "1", "times": "3"}, "times: 3: must be empty when kind is too_fast"),
    ({"kind": "too_fast", "event_type": "click", "after_event_type": "sent", "seconds": "1", "property": "value", "comparison": "is_present"}, "property: value: must be empty"),
    ({"kind": "condition", "event_type": "click"}, "property: (empty): is required when kind is condition"),
    ({"kind": "condition", "property": "value"}, "comparison: (empty): is required when kind is condition"),
    ({"kind": "condition", "property": "value", "comparison": "at_least"}, "operand: (empty): is required when comparison is at_least"),
    ({"kind": "condition", "property": "value", "comparison": "at_least", "operand": "much"}, "operand: much: must be a number for at_least"),
    ({"kind": "condition", "property": "channel", "comparison": "in_list", "operand": "bots"}, "operand: bots: must be a list of reference_lists.csv for in_list"),
    ({"kind": "condition", "property": "channel", "comparison": "is_present", "seconds": "5"}, "seconds: 5: must be empty when kind is condition"),
    ({"kind": "botnet"}, "kind: botnet: must be one of condition, too_fast, burst"),
    ({"kind": ""}, "kind: (empty): must not be empty"),
    ({"filter_id": "f0", "kind": "condition", "property": "channel", "comparison": "is_present"}, "filter_id: f0: must be unique"),
    ({"filter_id": "", "kind": "condition", "property": "channel", "comparison": "is_present"}, "filter_id: (empty): must not be empty"),
]  # fmt: skip


def test_law_9_wrong_filters_and_lists_are_told_by_row_and_column(build, raw, rules):
    with open(rules / "event_filters.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, FILTER_COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({"filter_id": f"f{number}"} | cells for number, (cells, _) in enumerate(WRONG_FILTERS))
    (rules / "reference_lists.csv").write_text("list,item\nhome,pl\nhome,PL\nhome,\n,ro\naway,pl\n", encoding="utf-8")
    row = change(rules, "attribute_rules", "ct_country", {"comparison": "not_in_list", "operand": "Home"})
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.errors
    for number, (cells, line) in enumerate(WRONG_FILTERS, 2):
        assert f"event_filters.csv: row {number}, column {line}" in done.errors, cells
    assert "reference_lists.csv: row 3, column item: PL: must be unique in its list" in done.errors
    assert "reference_lists.csv: row 4, column item: (empty): must not be empty" in done.errors
    assert "reference_lists.csv: row 5, column list: (empty): must not be empty" in done.errors
    assert "reference_lists.csv: row 6" not in done.errors
    # The name of a list is not an item: its case counts.
    assert f"attribute_rules.csv: row {row}, column operand: Home: must be a list of reference_lists.csv for not_in_list" in done.errors
    assert "Traceback" not in done.errors + done.output
    assert not done.published.exists()


def test_law_9_wrong_identity_rules_and_lists_are_told_by_row_and_column(build, raw, rules):
    (rules / "identity_rules.csv").write_text(
        "attribute,normalise,except_list\nemail,email,roles\nEMAIL,lower,\nphone,digit,\nfax,,\n,none,\ncity,Lower,Roles\ncode,none,nobody\n", encoding="utf-8"
    )
    (rules / "reference_lists.csv").write_text("list,item\nroles,info\nroles,INFO\nroles,\n,sales\nothers,info\n", encoding="utf-8")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.errors
    told = [line for line in done.errors.splitlines() if "identity_rules.csv" in line or "reference_lists.csv: row" in line]
    for wanted in (
        "identity_rules.csv: row 3, column attribute: EMAIL: must be unique",
        "identity_rules.csv: row 4, column normalise: digit: must be one of email, lower, digits, none",
        "identity_rules.csv: row 5, column normalise: (empty): must not be empty",
        "identity_rules.csv: row 6, column attribute: (empty): must not be empty",
        "identity_rules.csv: row 7, column normalise: Lower: must be one of email, lower, digits, none",
        "identity_rules.csv: row 7, column except_list: Roles: must be a list of reference_lists.csv",
        "identity_rules.csv: row 8, column except_list: nobody: must be a list of reference_lists.csv",
        "reference_lists.csv: row 3, column item: INFO: must be unique in its list",
        "reference_lists.csv: row 4, column item: (empty): must not be empty",
        "reference_lists.csv: row 5, column list: (empty): must not be empty",
    ):
        assert any(wanted in line for line in told), (wanted, told)
    assert len(told) == 10, told
    assert "Traceback" not in done.errors + done.output
    assert not done.published.exists()


def test_law_9_wrong_account_models_are_told_by_row_and_column(build, raw, rules):
    with open(rules / "score_models.csv", encoding="utf-8", newline="") as handle:
        model = next(csv.DictReader(handle))["model_id"]
    (rules / "account_models.csv").write_text(
        "model_id,roll_up,top,breadth_attribute,breadth_min_score,breadth_points,max_breadth_points,status\n"
        f"{model},sum,,,,,,active\n{model},top_sum,,department,,,,active\nnobody,max,,,,5,,active\n,total,0.5,city,high,-1,-1,\n",
        encoding="utf-8",
    )
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.errors
    told = [line for line in done.errors.splitlines() if "account_models.csv" in line]
    for wanted in (
        f"row 3, column model_id: {model}: must be unique",
        "row 3, column top: (empty): is required when roll_up is top_sum",
        "row 3, column breadth_points: (empty): is required when breadth_attribute is set",
        "row 4, column model_id: nobody: must be a model_id of score_models.csv",
        "row 4, column breadth_attribute: (empty): is required when breadth_points is set",
        "row 5, column model_id: (empty): must not be empty",
        "row 5, column roll_up: total: must be one of sum, max, average, top_sum",
        "row 5, column top: 0.5: must be a whole number",
        "row 5, column breadth_min_score: high: must be a number",
        "row 5, column breadth_points: -1: must be at least 0",
        "row 5, column max_breadth_points: -1: must be at least 0",
        "row 5, column status: (empty): must not be empty",
    ):
        assert any(f"account_models.csv: {wanted}" in line for line in told), (wanted, told)
    assert len(told) == 12, told
    assert "Traceback" not in done.errors + done.output
    assert not done.published.exists()


@pytest.mark.parametrize(
    "rows, wanted",
    [
        (
            ["model_id,goal_id,outcome", "core,,won", "core,a,won", "core,,lost", "core,b,won", "core,goal_id,won", "core,a,lost", "nobody,a,won"],
            [
                "row 4, column model_id: core: must be unique with goal_id; already used in row 2",
                "row 7, column model_id: core: must be unique with goal_id; already used in row 3",
                "row 8, column model_id: nobody: must be a model_id of score_models.csv",
            ],
        ),
        # As before there were several goals: rows without the column goal_id.
        (["model_id,outcome", "core,won", "core,lost"], ["row 3, column model_id: core: must be unique with goal_id; already used in row 2"]),
    ],
    ids=["with goal_id", "without goal_id"],
)
def test_law_9_a_goal_that_stands_twice_is_told_by_row_and_column(build, raw, rules, rows, wanted):
    header = "within_days,eligible,eligible_event_type,eligible_within_days,segment_attribute,evaluated_days,attribution_days,description"
    (rules / "conversion_goals.csv").write_text("".join(f"{row},{header if place == 0 else ',' * 7}\n" for place, row in enumerate(rows)), encoding="utf-8")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.errors
    told = [line for line in done.errors.splitlines() if "conversion_goals.csv" in line]
    assert [line.partition("conversion_goals.csv: ")[2] for line in told] == wanted
    assert "Traceback" not in done.errors + done.output
    assert not done.published.exists()


STAGE_COLUMNS = "stage position kind entered_by name comparison operand reenter_after_days description".split()
OPEN = {"kind": "open", "entered_by": "created"}
# Each wrong stage, with its cells and what is told of it; None: nothing, it is one of the right ones beside.
WRONG_STAGES = [
    ({"stage": "lead", "position": "1"} | OPEN, None),
    ({"stage": "again", "position": "1.0"} | OPEN, "position: 1.0: must be a position of its own; already used in row 2"),
    ({"stage": "lead", "position": "1", "kind": "open", "entered_by": "event", "name": "visit"}, None),
    ({"stage": "lead", "position": "1", "kind": "open", "entered_by": "event", "name": "visit"}, "stage: lead: must not be entered twice in the same way; already used in row 4"),
    ({"stage": "lead", "position": "2", "kind": "open", "entered_by": "event", "name": "call"}, "position: 2: must be the same in all rows of the stage"),
    ({"stage": "lead", "position": "1", "kind": "won", "entered_by": "outcome", "name": "won"}, "kind: won: must be the same in all rows of the stage"),
    ({"stage": "customer", "position": "5", "kind": "won", "entered_by": "outcome", "name": "won", "reenter_after_days": "30"}, None),
    ({"stage": "customer", "position": "5", "kind": "won", "entered_by": "outcome", "name": "renewed"}, "reenter_after_days: (empty): must be the same in all rows of the stage"),
    ({"stage": "", "position": "10"} | OPEN, "stage: (empty): must not be empty"),
    ({"stage": "s1", "position": ""} | OPEN, "position: (empty): must not be empty"),
    ({"stage": "s2", "position": "-1"} | OPEN, "position: -1: must be at least 0"),
    ({"stage": "s3", "position": "1.5"} | OPEN, "position: 1.5: must be a whole number"),
    ({"stage": "s4", "position": "14", "kind": "open"}, "entered_by: (empty): must not be empty"),
    ({"stage": "s5", "position": "15", "kind": "shut", "entered_by": "created"}, "kind: shut: must be one of open, won, lost, disqualified"),
    ({"stage": "s6", "position": "16", "kind": "open", "entered_by": "chance"}, "entered_by: chance: must be one of created, event, outcome, attribute, band"),
    ({"stage": "s7", "position": "17", "kind": "open", "entered_by": "event"}, "name: (empty): is required when entered_by is event"),
    ({"stage": "s8", "position": "18", "name": "visit"} | OPEN, "name: visit: must be empty when entered_by is created"),
    ({"stage": "s9", "position": "19", "kind": "open", "entered_by": "attribute", "name": "country"}, "comparison: (empty): is required when entered_by is attribute"),
    ({"stage": "t1", "position": "21", "kind": "open", "entered_by": "attribute", "name": "country", "comparison": "equals"}, "operand: (empty): is required when comparison is equals"),
    ({"stage": "t2", "position": "22", "kind": "open", "entered_by": "outcome", "name": "won", "operand": "10"}, "operand: 10: must be empty when entered_by is outcome"),
    ({"stage": "t3", "position": "23", "reenter_after_days": "30"} | OPEN, "reenter_after_days: 30: must be empty when kind is open"),
    ({"stage": "t4", "position": "24", "kind": "lost", "entered_by": "outcome", "name": "lost", "reenter_after_days": "-1"}, "reenter_after_days: -1: must be at least 0"),
    ({"stage": "t5", "position": "25", "kind": "open", "entered_by": "band", "name": "core"}, "operand: (empty): is required when entered_by is band"),
    ({"stage": "t6", "position": "26", "kind": "open", "entered_by": "band", "name": "nobody", "operand": "hot"}, "name: nobody: must be a model_id of score_models.csv when entered_by is band"),
    ({"stage": "t7", "position": "27", "kind": "open", "entered_by": "band", "name": "core", "operand": "boiling"}, "operand: boiling: must be a total band of core in score_bands.csv"),
]  # fmt: skip


def test_law_9_wrong_stages_are_told_by_row_and_column(build, raw, rules):
    with open(rules / "lifecycle_stages.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, STAGE_COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(cells for cells, _ in WRONG_STAGES)
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.errors
    told = [line for line in done.errors.splitlines() if "lifecycle_stages.csv" in line]
    for number, (cells, line) in enumerate(WRONG_STAGES, 2):
        assert line is None or any(f"lifecycle_stages.csv: row {number}, column {line}" in each for each in told), (cells, told)
    assert len(told) == sum(line is not None for _, line in WRONG_STAGES), told


ACTION_COLUMNS = "model_id precedence stage kind grade band event_type within_days attribute comparison operand priority next_action description".split()
WAIT = {"model_id": "core", "next_action": "wait"}
# Each wrong action, with its cells and what is told of it; None: nothing.
WRONG_ACTIONS = [
    (WAIT | {"precedence": "1", "stage": "lead", "kind": "open", "band": "hot", "event_type": "visit", "within_days": "1"}, None),
    (WAIT | {"precedence": "1.0"}, "precedence: 1.0: must be unique in its model; already used in row 2"),
    (WAIT | {"precedence": "1", "model_id": "trial"}, None),
    (WAIT | {"precedence": "soon"}, "precedence: soon: must be a number"),
    (WAIT | {"precedence": "1.5"}, "precedence: 1.5: must be a whole number"),
    (WAIT, "precedence: (empty): must not be empty"),
    (WAIT | {"precedence": "12", "model_id": "nobody"}, "model_id: nobody: must be a model_id of score_models.csv"),
    (WAIT | {"precedence": "13", "stage": "Lead"}, "stage: Lead: must be a stage of lifecycle_stages.csv"),
    (WAIT | {"precedence": "14", "kind": "shut"}, "kind: shut: must be one of open, won, lost, disqualified"),
    (WAIT | {"precedence": "15", "stage": "lead", "kind": "won"}, "kind: won: must be the kind of the stage in lifecycle_stages.csv"),
    (WAIT | {"precedence": "16", "kind": "lost"}, "kind: lost: must be the kind of a stage in lifecycle_stages.csv"),
    (WAIT | {"precedence": "17", "grade": "Z9"}, "grade: Z9: must be a grade of the model in score_matrix.csv"),
    (WAIT | {"precedence": "18", "band": "boiling"}, "band: boiling: must be a total band of the model in score_bands.csv"),
    (WAIT | {"precedence": "19", "within_days": "3"}, "event_type: (empty): is required when within_days is set"),
    (WAIT | {"precedence": "20", "event_type": "visit", "within_days": "0"}, "within_days: 0: must be at least 1"),
    (WAIT | {"precedence": "21", "comparison": "equals", "operand": "pl"}, "attribute: (empty): is required when comparison is set"),
    (WAIT | {"precedence": "22", "attribute": "country"}, "comparison: (empty): is required when attribute or operand is set"),
    (WAIT | {"precedence": "23", "attribute": "country", "comparison": "equals"}, "operand: (empty): is required when comparison is equals"),
    (WAIT | {"precedence": "24", "attribute": "last_event_at", "comparison": "days_ago_at_least", "operand": "long"}, "operand: long: must be"),
    (WAIT | {"precedence": "25", "priority": "high"}, "priority: high: must be a number"),
    (WAIT | {"precedence": "26", "next_action": ""}, "next_action: (empty): must not be empty"),
]  # fmt: skip


def test_law_9_wrong_actions_and_audiences_by_stage_are_told_by_row_and_column(build, raw, rules):
    (rules / "lifecycle_stages.csv").write_text(
        f"{','.join(STAGE_COLUMNS)}\nlead,1,open,created,,,,,\nkeen,2,open,band,core,,hot,,\ncustomer,3,won,outcome,won,,,,\n", encoding="utf-8"
    )
    with open(rules / "next_actions.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, ACTION_COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(cells for cells, _ in WRONG_ACTIONS)
    by_stage = {"audience_attribute": "Stage", "audience_comparison": "in", "audience_operand": "lead|keen"}
    core = change(rules, "score_models", "core", by_stage)
    trial = change(rules, "score_models", "trial", by_stage | {"audience_comparison": "is_present", "audience_operand": ""})
    change(rules, "score_models", "old", by_stage | {"audience_comparison": "not_equals", "audience_operand": "CUSTOMER"})
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.errors
    told = [line for line in done.errors.splitlines() if "next_actions.csv: row" in line]
    for number, (cells, line) in enumerate(WRONG_ACTIONS, 2):
        assert line is None or any(f"next_actions.csv: row {number}, column {line}" in each for each in told), (cells, told)
    assert len(told) == sum(line is not None for _, line in WRONG_ACTIONS), told
    models = [line.split(": row ")[1] for line in done.errors.splitlines() if "score_models.csv: row" in line]
    assert models == [
        f"{core}, column audience_operand: lead|keen: must be stages of lifecycle_stages.csv that are entered by more than a band",
        f"{trial}, column audience_comparison: is_present: must be equals, not_equals, in or not_in when audience_attribute is stage",
    ]


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("event_filters.csv", "", "event_filters.csv: row 1: is empty"),
        ("event_filters.csv", "filter_id,kind\n", "event_filters.csv: row 1, column event_type: is missing"),
        ("reference_lists.csv", "list;item\n", "reference_lists.csv: row 1: the columns are separated by semicolons"),
        ("reference_lists.csv", "list,item,source\n", "reference_lists.csv: row 1, column source: is unknown"),
        ("reference_lists.csv", "list,item\nhome,pl,ro\n", "reference_lists.csv: row 2: has 3 cells; the header has 2"),
        ("identity_rules.csv", "", "identity_rules.csv: row 1: is empty"),
        ("identity_rules.csv", "attribute,normalize,except_list\n", "identity_rules.csv: row 1, column normalise: is missing"),
        ("identity_rules.csv", "attribute;normalise;except_list\n", "identity_rules.csv: row 1: the columns are separated by semicolons"),
        ("next_actions.csv", "model_id,precedence\n", "next_actions.csv: row 1, column stage: is missing"),
        ("lifecycle_stages.csv", "stage,position,kind\n", "lifecycle_stages.csv: row 1, column entered_by: is missing"),
        ("identity_rules.csv", "attribute,normalise,except_list\nemail,email\n", "identity_rules.csv: row 2: has 2 cells; the header has 3"),
    ],
)
def test_a_file_of_filters_lists_stages_or_identity_rules_that_cannot_be_used_is_named(file, text, line, build, raw, rules):
    (rules / file).write_text(text, encoding="utf-8")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2
    assert line in done.errors, done.errors
    assert not done.published.exists()
