"""The group of all commands, which turns an error into a sentence and an exit code."""

import errno
from functools import partial
from typing import Any

import click

import w2v
from w2v.characters import printable
from w2v_cli import interrupt
from w2v_cli.doctor import doctor
from w2v_cli.evaluate import evaluate
from w2v_cli.files import check, convert, info
from w2v_cli.index import index
from w2v_cli.map import map_
from w2v_cli.output import say
from w2v_cli.phrases import phrases
from w2v_cli.queries import analogy, distance, odd, similar
from w2v_cli.report import report
from w2v_cli.streams import ResultsLostError
from w2v_cli.train import train
from w2v_cli.vocabulary import vocabulary
from w2v_cli.walks import walks
from w2v_cli.wording import in_options


class Commands(click.Group):
    """A group whose commands end in a sentence, not a traceback, for a mistake of the user."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the command line; exit 1 with a sentence if its help cannot be written."""
        try:
            return super().make_context(*args, **kwargs)
        except click.ClickException as error:
            raise _shown(error) from None
        except ResultsLostError as error:
            raise _results_lost(error) from error

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; exit 1 with a sentence for bad input, 130 or 143 for a signal."""
        try:
            return self._invoke(ctx)
        except KeyboardInterrupt:
            raise _interrupted() from None
        except click.ClickException as error:
            raise _shown(error) from error.__cause__
        except Exception:
            # An interrupted import may fail with an error of any kind.
            if interrupt.state.raised:
                raise _interrupted() from None
            raise

    def _invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except w2v.W2VError as error:
            command = self.commands.get(ctx.invoked_subcommand or "")
            raise click.ClickException(in_options(error, command)) from error
        except click.NoSuchOption as error:
            raise _with_hint(error) from None
        except MemoryError as error:
            raise _out_of_memory(str(error)) from error
        except ResultsLostError as error:
            raise _results_lost(error) from error
        except OSError as error:
            if error.errno == errno.ENOMEM:
                raise _out_of_memory(str(error.strerror)) from error
            place = error.filename or "Cannot read or write"
            raise click.ClickException(f"{place}: {error.strerror or error}.") from error
        except RuntimeError as error:
            if str(error) != "can't start new thread":
                raise
            raise click.ClickException(
                "The system does not allow this process more threads; choose fewer with --workers."
            ) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of their use."""
        return list(self.commands)


def _shown(error: click.ClickException) -> click.ClickException:
    """Return an error whose message, which may quote anything, is safe on a terminal."""
    vars(error)["message"] = printable(error.message)  # final to the type checker
    return error


def _results_lost(error: ResultsLostError) -> Exception:
    """Return the error for results that cannot be written; click is silent about a closed pipe."""
    return error if error.errno == errno.EPIPE else click.ClickException(str(error))


def _out_of_memory(detail: str) -> click.ClickException:
    return click.ClickException(
        f"There is not enough memory{detail and f' ({detail})'}; a smaller vector size or"
        " vocabulary, or --limit when reading vectors, needs less."
    )


def _with_hint(error: click.NoSuchOption) -> click.NoSuchOption:
    """Add the option of w2v that corresponds to an option of another tool, if there is one."""
    is_train = error.ctx is not None and error.ctx.command is train
    meant = w2v.TrainConfig.meant(error.option_name.removeprefix("--")) if is_train else None
    if meant is None:
        return error
    flag = f"--{meant.replace('_', '-')}"
    sentence = f"No such option '{error.option_name}'. Did you mean '{flag}'?"
    return click.NoSuchOption(error.option_name, sentence, ctx=error.ctx)


def _interrupted() -> click.exceptions.Exit:
    """Report the interruption, and return the exit with the signal's code."""
    interrupt.report(partial(say, err=True))
    return click.exceptions.Exit(interrupt.state.exit_code)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    epilog="""\b
Examples:
  w2v train toy                  a small built-in text, done in seconds
  w2v analogy king man woman     king − man + woman: queen
\b
Results go to standard output, all messages to standard error.
Exit codes: 0 done, 1 bad input, 2 malformed command line, 130 interrupted,
143 terminated, 129 terminal closed.
'w2v COMMAND --help' has more about a command.
""",
)
@click.version_option(w2v.__version__, prog_name="w2v", message="%(prog)s %(version)s")
def cli() -> None:
    """Train word vectors on text, and ask them about words."""


for _command in (
    train, analogy, similar, distance, odd, evaluate, map_, report, index, convert, info, check,
    phrases, walks, vocabulary, doctor,
):  # fmt: skip
    cli.add_command(_command)
