"""The command that looks at the machine and the installation: doctor."""

import click

import w2v
from w2v_cli.output import print_fields, print_json, say


@click.command(
    short_help="Show what this machine has for training, and what is wrong.",
    epilog="""\b
Examples:
  w2v doctor
  w2v doctor --json | jq .can_train
""",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
def doctor(as_json: bool) -> None:
    """Show cores, memory, versions, caches and GPUs, and the cure for whatever is wrong with them.

    The exit code is 1 only if something that training needs is broken.
    """
    diagnosis = w2v.diagnose()
    if as_json:
        print_json(diagnosis.as_dict())
    else:
        print_fields([(finding.name, finding.text) for finding in diagnosis.findings])
        for sentence in diagnosis.advice:
            say(f"! {sentence}")
        say("w2v can train here." if diagnosis.can_train else "w2v cannot train here.")
    if not diagnosis.can_train:
        raise click.exceptions.Exit(1)
