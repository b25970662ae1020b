"""What sqlfluff's Jinja templater takes for dbt's `adapter`: an engine macro renders as a call of a function."""


def dispatch(macro_name, macro_namespace=None):
    """A stand-in for adapter.dispatch; returns a function that renders `macro_name(arguments)` as SQL text."""

    def call(*arguments):
        return f"{macro_name}({', '.join(str(argument) for argument in arguments)})"

    return call
