"""What dbt does again and again, for each node and query, done once: most of the time of a build of few rows is dbt's.

Everything here may be left out. Plain dbt does without it, and makes the same tables.
"""

import contextlib
import functools
import gc

import networkx
from dbt.adapters.base.impl import BaseAdapter
from dbt.cli.main import cli
from dbt.clients.jinja import MacroGenerator
from dbt.compilation import Linker
from dbt.context.macros import MacroNamespaceBuilder
from dbt.exceptions import PackageNotFoundForMacroError
from dbt.include.global_project import PROJECT_NAME as DBT
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import BaseMacroGenerator
from dbt_common.events.base_types import BaseEvent, DebugLevel
from dbt_common.events.event_manager import EventManager


def speed_up() -> None:
    """Do all of this, once per process."""
    without_debug_events()
    with_macros_named_once()
    with_macros_made_once()
    with_short_searches()
    agate_helper.empty_table = functools.cache(agate_helper.empty_table)


def without_debug_events() -> None:
    """Keep dbt from making messages of its debug events, thousands in each build, which no log here takes: a tenth of a build of few rows."""
    make, fire = BaseEvent.__init__, EventManager.fire_event

    def make_unless_debug(self, *arguments, **named):
        if not isinstance(self, DebugLevel):
            make(self, *arguments, **named)

    def fire_unless_debug(self, event, level=None, *arguments, **named):
        if (level or event.level_tag()) != "debug":
            fire(self, event, level, *arguments, **named)

    BaseEvent.__init__, EventManager.fire_event = make_unless_debug, fire_unless_debug


class Macro(MacroGenerator):
    """A macro of a node, made by one call instead of dbt's three."""

    def __init__(self, macro, context, node, stack):
        self.macro, self.context, self.node, self.stack = macro, context, node, stack


class Macros(dict):
    """The macros that a node may call, by name and by package, as dbt's MacroNamespace."""

    def get_from_package(self, package: str | None, name: str):
        """A macro of a package, or None. As dbt's."""
        if package is None:
            return self.get(name)
        if package not in self.packages:
            raise PackageNotFoundForMacroError(package)
        return self.packages[package].get(name)


def with_macros_named_once() -> None:
    """Keep dbt from finding out for each node anew which of a thousand macros each name means: a twelfth of a build of few rows."""
    find, found = MacroNamespaceBuilder.build_namespace, {}

    def names_of(builder, macros):
        """The macros, and their places by package and by name. Kept per project and package that are searched first, until there are other macros."""
        key, number = (builder.root_package, builder.search_package), sum(map(len, macros.values()))
        if key not in found or found[key][0] is not macros or found[key][1] != number:
            by_dbt = find(builder, macros, {})
            packages = by_dbt.packages | {DBT: by_dbt.global_project_namespace}
            unbound = list({id(macro): macro for package in packages.values() for macro in package.values()}.values())
            places = {id(macro): place for place, macro in enumerate(unbound)}
            by_package = {package: {name: places[id(macro)] for name, macro in inside.items()} for package, inside in packages.items()}
            by_name = {name: places[id(macro)] for name, macro in by_dbt.items() if isinstance(macro, MacroGenerator)}
            found[key] = macros, number, [macro.macro for macro in unbound], by_package, by_name
        return found[key][2:]

    def bind(builder, macros, context):
        unbound, by_package, by_name = names_of(builder, macros)
        bound = [Macro(macro, context, builder.node, builder.thread_ctx) for macro in unbound]
        packages = {package: {name: bound[place] for name, place in inside.items()} for package, inside in by_package.items()}
        made = Macros(packages)
        made.update({name: bound[place] for name, place in by_name.items()})
        made.packages = packages
        return made

    MacroNamespaceBuilder.build_namespace = bind


@contextlib.contextmanager
def uncollected():
    """Without collections of garbage, which look at the parsed project again and again: a seventh of a first build, for up to 300 MB."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def with_macros_made_once() -> None:
    """Make a macro once for a node that calls it often."""
    make = BaseMacroGenerator.get_macro

    def get_macro(generator):
        if "made" not in generator.__dict__:
            generator.made = make(generator)
        return generator.made

    BaseMacroGenerator.get_macro = get_macro


def with_short_searches() -> None:
    """Look for a table among those of its name, and for a circle of models only in a graph that has one."""
    match, find = BaseAdapter._make_match, Linker.find_cycles

    def match_its_name(adapter, relations, database, schema, identifier):
        return match(adapter, [one for one in relations if one.identifier.lower() == identifier.lower()], database, schema, identifier)

    BaseAdapter._make_match = match_its_name
    Linker.find_cycles = lambda linker: None if networkx.is_directed_acyclic_graph(linker.graph) else find(linker)


def command() -> None:
    """dbt's command with the arguments of the process, done so."""
    speed_up()
    with uncollected():
        cli()
