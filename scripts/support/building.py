"""One build: checks, dbt, publishing, summary. This is DuckDB's, also with Spark; PostgresBuild (support/postgres.py) differs in the raw tables and in publishing."""

import argparse
import contextlib
import gc
import os
import shutil
from datetime import datetime, timezone
from pathlib import Path

import duckdb
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from support import erasures, findings, inputs, records, report, sources, summary, warehouse
from support.endings import BuildFailed, ErasuresUnmatched, ExportFailed, WrongInput
from support.environment import OK, PROJECT

# What a build always rebuilds (dbt's selection syntax). Views stay if no definition has changed.
ALL_BUT_VIEWS = ("config.materialized:table", "config.materialized:incremental", "resource_type:test")
# Tables that depend only on rules and contract, with their tests, stay too.
RULES = ("path:models/staging/rules", "path:models/intermediate/rules", "path:contract")

# Options that dbt gets as they are; an option that is not given is empty text.
AS_THEY_ARE = ("evaluate", "ledger", "keep_history_days", "max_rejected_percent", "max_lost_percent", "raw_keeps_days")


def make(options: argparse.Namespace, run, console) -> None:
    """Build on the engine of the options. Raises Ending.

    If build.duckdb is broken, rename it and build again, once: everything but the history comes from the raw tables.
    """
    if options.target == "postgres":
        from support.postgres import PostgresBuild

        return PostgresBuild(options, run, console).make()
    try:
        Build(options, run, console).make()
    except (BuildFailed, duckdb.Error) as problem:
        if run.is_published or not warehouse.is_broken(str(problem)):
            raise
        warehouse.set_aside(options.warehouse.resolve())
        run.tell("set aside", file="build.duckdb.broken")
        Build(options, run, console).make()


class Build:
    """One build of a warehouse. `run` is the records.Run that logs its steps. preview.py builds without publishing."""

    def __init__(self, options: argparse.Namespace, run, console, publishes: bool = True):
        self.options, self.run, self.console, self.publishes = options, run, console, publishes
        self.folder = options.warehouse.resolve()
        self.page, self.cluster, self.is_defined, self.erased_now = None, None, False, ""
        if options.target == "spark":
            from support.spark import Cluster

            self.cluster = Cluster(options.master, self.folder)
        if options.memory_limit:
            os.environ["LEAD_SCORING_MEMORY_LIMIT"] = options.memory_limit

    def make(self) -> None:
        """Check the files, build and test with dbt, publish, print the summary. Raises Ending."""
        try:
            self.check_files()
            if self.cluster:
                self.cluster.check(self.options, self.sources())
            if self.options.select and warehouse.noted(self.folder, warehouse.BUILT_FROM) != self.built_from:
                raise WrongInput(
                    f"--select {self.options.select}: raw tables, rules or options changed since the last complete build;"
                    " build without --select first"
                )
            requests = erasures.check(self.raw, self.folder) if self.publishes else None
            # Ids of sources are matched after the build.
            self.erased_now = str(requests.new) if requests and not self.sources() else ""
            if self.options.select and requests and requests.requested:
                # The next file of a build with erasures begins with the history alone.
                raise WrongInput(f"--select {self.options.select}: raw.erasures has rows, so all marts are built anew; build without --select")
            is_asked = self.options.full_refresh or self.options.select or not self.publishes
            if not is_asked and warehouse.is_published_from(self.folder, self.built_from):
                self.publish_what_is_there()
                said = "nothing new since the last published build"
            else:
                self.build(requests.contacts() if requests else [])
                said = self.said()
        finally:
            shutil.rmtree(inputs.place_of_rules(self.folder), ignore_errors=True)
        if self.publishes:
            self.show(said)
            try:
                self.export()
            finally:
                self.tell_of(requests)

    def said(self) -> str:
        """How long the build took, for the summary."""
        return f"built and published in {self.run.facts['seconds']:.0f} s" if self.run.is_published else ""

    def show(self, said: str) -> None:
        """Print the summary of the published file."""
        published = self.folder / warehouse.PUBLISHED
        with duckdb.connect(str(published), read_only=True) as connection:
            self.summarize(findings.Made(connection), said)
        if self.page.problem:
            summary.warn(self.console, f"there is no report page; the scores are published. {self.page.problem}")
        self.console.print(Text.assemble(("Published ", "bold"), str(published)), soft_wrap=True)
        if not self.is_rules_given and self.options.rules != PROJECT / "seeds":
            # Who edits other rules, such as seeds, would see no effect.
            self.console.print(Text.assemble(("Rules ", "bold"), f"{self.options.rules}, as in the last build; --rules DIR names others"), soft_wrap=True)
        if self.page.is_written:
            self.console.print(Text.assemble(("Report ", "bold"), str(self.page.link)), soft_wrap=True)
        query = "from call_list select contact_id, score, band, stage, next_action, reason_1 order by model_id, place limit 20"
        self.console.print(Text(f"Try it:\n  .venv/bin/python -c \"import duckdb; print(duckdb.connect('{published}', read_only=True).sql('{query}'))\""), soft_wrap=True)

    def summarize(self, made, said: str) -> None:
        """Print what was published. made: the published marts."""
        summary.show(self.console, made, self.counts, said, *self.told)

    def sources(self) -> list[str]:
        """The sources of this build besides the raw files."""
        return sorted({name.partition(".")[0] for name in self.raw if "." in name})

    def tell_of(self, requests) -> None:
        """After publishing: report erasures that match nobody. Raises ErasuresUnmatched."""
        if requests.requested:
            requests.find_in_sources(self.sources())
            self.run.tell("erasures", requested=requests.requested, matched=len(requests.matched), unmatched=len(requests.unmatched))
            requests.keep()
            if requests.unmatched and not self.options.allow_unmatched_erasures:
                raise ErasuresUnmatched("\n".join(requests.lines()), requests.count())
            self.console.print("\n".join(requests.lines()) if requests.unmatched else requests.count(), markup=False)

    def check_files(self) -> None:
        """Check raw tables, rules and dates, report all errors together, and copy the rules. Raises WrongInput."""
        options = self.options
        options.raw, options.source, options.time_zone = sources.folder_of(self.folder, options.raw, options.source, options.time_zone), [], []
        before = warehouse.remembered(self.folder).get("raw")
        options.raw = warehouse.raw_folder(self.folder, options.raw, options.change_raw)
        self.is_rules_given = bool(options.rules)
        options.rules = warehouse.rules_folder(self.folder, options.rules)
        # The checks below report unreadable files together with all other errors.
        with contextlib.suppress(WrongInput, OSError):
            self.raw_files = inputs.raw_files(options.raw)
        self.raw = self.checked(raw=lambda: inputs.raw_locations(options.raw))["raw"]
        is_changed = before is not None and options.raw.resolve() != Path(before).resolve()
        self.settings |= self.allowing_lost_rows(is_changed) | {"source_time_zones": sources.time_zones(options.raw)}
        engine = {"target": options.target} if self.cluster else {}
        self.built_from = inputs.fingerprint(options.raw, self.rules.folder, self.settings | engine)

    def checked(self, **checks) -> dict:
        """Check the dates, run the checks of raw tables, and copy the rules; returns the results of the checks. Reports all errors together. Raises WrongInput."""
        options = self.options
        dates = {
            "as_of": lambda: inputs.as_of_dates(options.as_of),
            "forget": lambda: inputs.as_of_dates(options.forget, "--forget"),
        }
        found = inputs.all_of(dates | checks | {"rules": lambda: inputs.copy_rules(options.rules, self.folder)})
        self.rules = found.pop("rules")
        self.settings = {
            **{name: found.pop(name) for name in dates},
            **{name: "" if getattr(options, name) is None else str(getattr(options, name)) for name in AS_THEY_ARE},
            "drop_history": "yes" if options.drop_history else "no",
            "publish_email": "yes" if options.publish_email else "no",
        }
        return found

    def allowing_lost_rows(self, is_changed: bool) -> dict[str, str]:
        """The setting of --allow-lost-rows. With other raw tables (--change-raw), rows of the old ones may disappear."""
        return {"allow_lost_rows": "yes" if self.options.allow_lost_rows or is_changed else "no"}

    def check_raw(self) -> None:
        """Check that no raw file changed during the build, because each model reads the files itself. Raises BuildFailed."""
        changed = sorted({name for name, *_ in set(self.raw_files) ^ set(inputs.raw_files(self.options.raw))})
        if changed:
            # A mixture of two versions may have differences that the next build would not detect. What rules gave on other dates stays.
            warehouse.drop_what_was_read(self.folder)
            raise BuildFailed(f"{self.options.raw}: {', '.join(changed)} changed during the build; run again when the export is complete")

    def build(self, erased: list[str]) -> None:
        """Build and test with dbt, without the `erased` contacts, and publish. Raises Ending."""
        for told in (warehouse.prepare_next(self.folder, erased), warehouse.change_engine(self.folder, self.options.target) if self.publishes else None):
            if told:
                self.console.print(told, markup=False)
        next_file = warehouse.identity_of_next(self.folder)
        locations = self.raw | {"runs": warehouse.runs_location(self.folder)}
        self.definitions = inputs.definitions(locations, self.rules.folder, self.settings, self.options.full_refresh)
        # Imported here, because loading dbt takes a second and the checks above do not need it.
        from support.dbt_project import Dbt

        dbt = Dbt(self.folder, self.raw, self.rules.folder, self.settings | self.today(), self.options.threads)
        with self.progress() as progress:
            try:
                self.run_dbt(dbt, progress)
                self.check_raw()
            except BuildFailed:
                inputs.check_raw_files(self.raw)
                self.check_raw()
                raise
            if next_file and warehouse.identity_of_next(self.folder) != next_file:
                raise BuildFailed(f"{self.folder / warehouse.NEXT}: another process has begun a build; run again when it has ended")
            if self.publishes:
                task = progress.add_task("Publishing", total=1, node="", left="")
                self.run.tell("began", phase="Publishing")
                self.publish("published")
            # After publishing: --select builds on what is published.
            warehouse.note(self.folder, warehouse.BUILT_FROM, self.built_from)
            if self.publishes:
                # A selection does not rebuild views that another process may have changed.
                if self.is_defined or not self.options.select:
                    with contextlib.suppress(duckdb.Error, OSError):
                        warehouse.remember_definitions(self.folder, self.definitions)
                progress.update(task, completed=1)

    def today(self) -> dict[str, str]:
        """The settings run_date and erased_now. They are not in `built_from`: a new day without new input needs no build."""
        return {"run_date": str(datetime.now(timezone.utc).date()), "erased_now": self.erased_now}

    def progress(self) -> Progress:
        """The display of the phases."""
        columns = TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[left]}{task.fields[node]}")
        return Progress(*columns, console=self.console)

    def run_dbt(self, dbt, progress) -> None:
        """Parse the project, check the rules, build everything or the selection. Raises Ending."""
        options, timings = self.options, warehouse.Timings(self.folder)

        def phase(name: str, command, *arguments: str) -> bool:
            task = progress.add_task(name, total=None, node="", left="")
            self.run.tell("began", phase=name)
            left = timings.left(name)
            done = command(*arguments, on_node=lambda number, total, node: progress.update(task, completed=number - 1, total=total, node=node, left=left(node)))
            results = command.__self__.results
            count = len(results) or 1
            progress.update(task, completed=count, total=count, node="", left="")
            timings.keep(name, progress.tasks[task].elapsed or 0, {result.node.name: result.execution_time for result in results})
            seconds = {result.node.name: round(result.execution_time, 2) for result in results if result.node.resource_type == "model"}
            self.run.tell("ended", phase=name, ok=done, seconds=round(progress.tasks[task].elapsed or 0, 1), models=seconds)
            return done

        if not phase("Reading the project", dbt.parse):
            raise BuildFailed("\n".join(dbt.failures()))
        if options.select and (problem := dbt.problem_of_selection(options.select)):
            raise WrongInput(f"--select {options.select}: {problem}")
        self.is_defined = self.stands_as_defined()
        warehouse.remember_definitions(self.folder, None)
        if not self.is_defined:
            checked = phase("Checking the rules", dbt.run, "build", "--select", "+int_rule_problems")
            if problems := dbt.rule_problems(options.rules, self.rules):
                raise WrongInput("\n".join(problems))
            if not checked:
                raise BuildFailed("\n".join(dbt.failures()))
        # If the build stops half-way, a later --select must not use its tables.
        warehouse.note(self.folder, warehouse.BUILT_FROM, None)
        if options.select:
            selection = ["--select", options.select, "tag:law"]
        elif self.cluster:
            selection = self.cluster.build(dbt, self.raw, self.settings, options.threads, options.full_refresh, phase)
        elif self.is_defined:
            # Cautious: tests that read both kept rules and rebuilt tables still run.
            selection = ["--exclude", *RULES, "--select", *ALL_BUT_VIEWS, "--indirect-selection", "cautious"]
        else:
            selection = ["--exclude", "+int_rule_problems"]
        refresh = ["--full-refresh"] if options.full_refresh else []
        # What was left so far is memory that the main part needs.
        gc.collect(0)
        done = phase("Building and testing", dbt.run, "build", *selection, *refresh)
        if not done and dbt.was_short_of_memory():
            dbt.threads = ["--threads", "1"]
            # Not dbt's retry, which parses the project for itself, without this build's raw tables.
            done = phase("The rest one at a time", dbt.run, "build", "--indirect-selection", "empty", "--select", *dbt.left(), *refresh)
        if not done:
            raise BuildFailed("\n".join(self.failures(dbt)))

    def stands_as_defined(self) -> bool:
        """Whether views and rule tables of the last build are those of this one."""
        return not self.cluster and warehouse.stands_as_defined(self.folder, self.definitions)

    def failures(self, dbt) -> list[str]:
        """The text for each failed model or test."""
        return findings.failures(dbt.failures(), dbt.made, self.options.max_rejected_percent)

    def publish_what_is_there(self) -> None:
        """Publish a copy with a new record in scoring_runs: raw tables, rules, settings and project have not changed."""
        try:
            self.publish("nothing new")
        except BuildFailed:
            # Make the next run build.
            warehouse.note(self.folder, warehouse.BUILT_FROM, None)
            raise

    def publish(self, outcome: str) -> None:
        """Publish the build, and keep counts, evaluations and warnings for the summary. Raises BuildFailed."""
        lost = []
        self.page = report.Page(self.folder, not self.options.no_report)
        try:
            if outcome == "nothing new":
                warehouse.prepare_next(self.folder)
            with warehouse.connect_build(self.folder) as connection:
                made = findings.Made(connection)
                self.keep_findings(made, self.sources())
                if outcome == "published":
                    lost = [f"raw.{loss['table_name']}: {loss['finding'].split(':')[0]}" for loss in findings.losses(made)]
            facts = warehouse.facts_of(self.options.raw, self.options.rules) | {"engine": self.options.target}
            warehouse.publish(self.folder, self.run.finish(OK, outcome, "; ".join(lost) or None), self.page, facts)
            self.run.is_published = True
            with contextlib.suppress(OSError):
                self.run.tell("report", problem=records.without_values(self.page.problem))
                warehouse.forget_sources(self.folder, self.options.raw)
            # Dates that are in the future today are scored later without new input, so do not skip that build.
            if not any(findings.AHEAD in line for line in self.told[-1]):
                warehouse.remember_published_from(self.folder, self.built_from)
        except (duckdb.Error, OSError) as error:
            raise BuildFailed(f"publishing: {' '.join(str(error).split())}") from None

    def keep_findings(self, made, given: list[str]) -> None:
        """Keep counts and lines for the summary, and facts for the record of the run. given: the sources."""
        self.counts, facts = findings.counts_and_facts(made)
        self.told = findings.given(made, given), findings.judgements(made), findings.warnings(made) + self.rules.blanks
        self.run.facts |= facts

    def export(self) -> None:
        """Write the requested csv files. Raises ExportFailed."""
        destination = self.options.export_csv
        if destination:
            try:
                with duckdb.connect(str(self.folder / warehouse.PUBLISHED), read_only=True) as connection:
                    warehouse.write_csv(connection, destination)
            except (duckdb.Error, OSError) as error:
                raise ExportFailed(f"{destination}: {' '.join(str(error).split())}") from None
